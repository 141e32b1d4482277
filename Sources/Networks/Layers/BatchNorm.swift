import Graphs
import Tensors

/// Batch normalization (Ioffe and Szegedy 2015, arXiv 1502.03167): each channel is brought to
/// mean 0 and variance 1, then scaled and shifted:
///
///     y = weight · (x − μ) / √(σ² + epsilon) + bias
///
/// In training, μ and σ² (biased) are those of the batch and its positions, and the running
/// statistics become (1 − momentum) · running + momentum · batch, with the unbiased variance, as
/// in PyTorch. In inference they are the running statistics.
///
/// Shapes: kept; channels are axis 1 (N × F, N × C × L or N × C × H × W).
/// Parameters: `weight`, `bias` [C]. State: `running_mean`, `running_var` [C].
public struct BatchNorm: Layer {
  public static let defaultName = "norm"

  /// The weight of the new batch in the running statistics.
  public var momentum: Float
  /// Added to the variance, so that no division by zero happens.
  public var epsilon: Float
  /// Whether `weight` is trained; otherwise it is 1 and there is no such parameter.
  public var scales: Bool
  /// What is applied to the result.
  public var activation: Activation

  /// Normalizes each channel: `BatchNorm(activation: .relu)`.
  public init(
    momentum: Float = 0.1, epsilon: Float = 1e-5, scales: Bool = true,
    activation: Activation = .linear
  ) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.scales = scales
    self.activation = activation
  }

  public var description: String { "BatchNorm()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard epsilon > 0, momentum >= 0, momentum <= 1 else {
      throw context.failure(
        "epsilon \(epsilon), momentum \(momentum): expected a positive epsilon and a momentum "
          + "from 0 to 1")
    }
    let channels: Shape = [input.shape[1]]
    let scale =
      scales
      ? try context.parameter("weight", channels, .constant(1))
      : context.graph.constant(Tensor(channels, repeating: 1))
    let shift = try context.parameter("bias", channels, .zeros)
    let mean = try context.buffer("running_mean", channels, .zeros)
    let variance = try context.buffer("running_var", channels, .constant(1))
    let output =
      switch context.mode {
      case .inference:
        try context.apply(
          BatchNormalizationInference(epsilon: epsilon), input, scale, shift, mean, variance)
      case .training:
        try normalize(input, scale, shift, running: (mean, variance), in: context)
      }
    return try context.activate(output, activation)
  }

  private func normalize(
    _ input: Node, _ scale: Node, _ shift: Node, running: (mean: Node, variance: Node),
    in context: BuildContext
  ) throws(NetworkError) -> Node {
    try context.graphed { (graph) throws(GraphError) in
      try graph.normalizedByBatch(
        input, scale, shift, running: running, epsilon: epsilon, momentum: momentum,
        updatesStatistics: context.updatesStatistics)
    }
  }
}

extension Graph {
  /// Batch normalization as ``BatchNorm`` does it in training.
  ///
  /// - Parameters:
  ///   - running: variables that are assigned the running statistics.
  ///   - momentum: the weight of the batch in them.
  package func normalizedByBatch(
    _ input: Node, _ scale: Node, _ shift: Node, running: (mean: Node, variance: Node),
    epsilon: Float, momentum: Float, updatesStatistics: Bool
  ) throws(GraphError) -> Node {
    let samples = input.shape.count / max(input.shape[1], 1)
    guard samples > 1 else {
      throw GraphError(
        operation: BatchNormalization(epsilon: epsilon).name,
        message: "one number a channel has no variance; train with batches of 2 or more")
    }
    let outputs = try apply(BatchNormalization(epsilon: epsilon), [input, scale, shift])
    if updatesStatistics {
      let unbiased = Float(samples) / Float(samples - 1)
      try average(running.mean, with: outputs[1], weight: momentum, factor: momentum)
      try average(
        running.variance, with: outputs[2], weight: momentum, factor: momentum * unbiased)
    }
    return outputs[0]
  }

  /// running ← (1 − weight) · running + factor · new
  private func average(
    _ running: Node, with new: Node, weight: Float, factor: Float
  ) throws(GraphError) {
    try assign(running, running * constant(1 - weight) + new * constant(factor))
  }
}
