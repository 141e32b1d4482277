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
/// Steps of a series past an example's length do not count and stay zero.
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
    let isSeries = input.shape.rank == 3
    if context.mode == .training, isSeries, let mask = try context.mask(steps: input.shape[2]) {
      let output = try normalize(
        input, mask, scale, shift, running: (mean, variance), in: context)
      return try context.masked(context.activate(output, activation))
    }
    let values = isSeries ? try context.image(of: input) : input
    let output =
      switch context.mode {
      case .inference:
        try context.apply(
          BatchNormalizationInference(epsilon: epsilon), values, scale, shift, mean, variance)
      case .training:
        try normalize(values, scale, shift, running: (mean, variance), in: context)
      }
    let activated = try context.activate(output, activation)
    guard isSeries else { return activated }
    return try context.masked(context.series(of: activated))
  }

  /// The same over the steps that examples have: those that the mask, N × 1 × L, holds a 1 for.
  private func normalize(
    _ input: Node, _ mask: Node, _ scale: Node, _ shift: Node,
    running: (mean: Node, variance: Node), in context: BuildContext
  ) throws(NetworkError) -> Node {
    try context.graphed { (graph) throws(GraphError) in
      let row: Shape = [1, input.shape[1], 1]
      let count = try mask.sum().combined(.maximum, graph.constant(2))
      let mean = try (input * mask).sum(axes: [0, 2], keepsAxes: true) / count
      let centered = try (input - mean) * mask
      let variance = try centered.map(.square).sum(axes: [0, 2], keepsAxes: true) / count
      let inverse = try (variance + epsilon).map(.sqrt).map(.reciprocal)
      if context.updatesStatistics {
        let channels = running.mean.shape
        try graph.average(
          running.mean, with: mean.reshaped(to: channels), weight: momentum,
          factor: graph.constant(momentum))
        try graph.average(
          running.variance, with: variance.reshaped(to: channels), weight: momentum,
          factor: count / (count - 1) * momentum)
      }
      return try centered * (inverse * scale.reshaped(to: row)) + shift.reshaped(to: row)
    }
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
      try average(running.mean, with: outputs[1], weight: momentum, factor: constant(momentum))
      try average(
        running.variance, with: outputs[2], weight: momentum,
        factor: constant(momentum * unbiased))
    }
    return outputs[0]
  }

  /// running ← (1 − weight) · running + factor · new
  fileprivate func average(
    _ running: Node, with new: Node, weight: Float, factor: Node
  ) throws(GraphError) {
    try assign(running, running * constant(1 - weight) + new * factor)
  }
}
