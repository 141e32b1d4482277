import Graphs
import Tensors

/// Convolution of clips along time and both axes of a frame (D. Tran et al. 2015, arXiv 1412.0767), with
/// zeros around, so that frames keep their number and size.
///
/// Computed as `Conv2D` on each frame beside its neighbors in time.
///
/// Shapes: N × C × T × H × W → N × channels × T × H × W. Past an example's length frames are zero.
/// Parameters: `weight` [channels, C, frames, kernel, kernel], `bias` [channels].
public struct Conv3D: Layer {
  public static let defaultName = "conv"

  /// The number of output channels.
  public var channels: Int
  /// How many frames each kernel sees; odd.
  public var frames: Int
  /// The side of each kernel within a frame; odd.
  public var kernel: Int
  /// What is applied to the result.
  public var activation: Activation

  /// `Conv3D(16, 3, activation: .relu)`.
  ///
  /// - Parameter frames: as many as the kernel's side where nil.
  public init(
    _ channels: Int, _ kernel: Int, frames: Int? = nil, activation: Activation = .linear
  ) {
    self.channels = channels
    self.kernel = kernel
    self.frames = frames ?? kernel
    self.activation = activation
  }

  public var description: String { "Conv3D(\(channels), \(frames)×\(kernel)×\(kernel))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let shape = input.shape
    guard shape.rank == 5 else {
      throw context.mismatch(expected: "frames T×H×W×C", received: input)
    }
    try context.require(channels, "channels", in: Limit.count)
    try context.require(kernel, "kernel", in: Limit.window)
    try context.require(frames, "frames", in: Limit.window)
    guard kernel % 2 == 1, frames % 2 == 1 else {
      throw context.failure("kernel \(kernel), frames \(frames): expected odd numbers")
    }
    let (batch, inner, steps) = (shape[0], shape[1], shape[2])
    let (height, width) = (shape[3], shape[4])
    let terms = saturatingProduct(inner * frames, kernel * kernel)
    let weight = try context.parameter(
      "weight", [channels, inner, frames, kernel, kernel], .heUniform, fanIn: terms,
      fanOut: saturatingProduct(channels * frames, kernel * kernel))
    let bias = try context.parameter("bias", [channels], .zeros, fanIn: terms)
    context.countMultiplyAdds(
      outputs: saturatingProduct(batch * steps * channels, height * width), terms: terms)
    let reach = frames / 2
    let convolved = try context.graphed { graph throws(GraphError) in
      let padded = try input.applying(
        Graphs.Pad(before: [0, 0, reach, 0, 0], after: [0, 0, reach, 0, 0]))
      // T × N × C × 1 × H × W for each neighbor in time; together C × frames planes a frame.
      let neighbors = try (0..<frames).map { (offset) throws(GraphError) in
        try padded.applying(
          Graphs.Slice(
            starts: [0, 0, offset, 0, 0], ends: [batch, inner, offset + steps, height, width])
        ).transposed([2, 0, 1, 3, 4]).reshaped(to: [steps, batch, inner, 1, height, width])
      }
      let stacked = try graph.apply(Graphs.Concatenate(axis: 3), neighbors)[0]
        .reshaped(to: [steps * batch, inner * frames, height, width])
      let kernels = try weight.reshaped(to: [channels, inner * frames, kernel, kernel])
      return try stacked.applying(
        Convolution(strides: 1, padding: EdgePadding(kernel / 2)), kernels)
    }
    let activated = try context.activate(
      try context.addBias(bias, to: convolved), activation)
    let output = try context.graphed { _ throws(GraphError) in
      try activated.reshaped(to: [steps, batch, channels, height, width])
        .transposed([1, 2, 0, 3, 4])
    }
    return try context.maskedFrames(output)
  }
}

extension BuildContext {
  /// Clips with zeros past the examples' lengths.
  func maskedFrames(_ clips: Node) throws(NetworkError) -> Node {
    guard let mask = try mask(steps: clips.shape[2]) else { return clips }
    return try graphed { _ throws(GraphError) in
      try clips * mask.reshaped(to: [clips.shape[0], 1, clips.shape[2], 1, 1])
    }
  }
}
