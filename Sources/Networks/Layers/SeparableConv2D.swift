import Graphs
import Tensors

/// A depthwise separable convolution (Chollet 2016, arXiv 1610.02357, §1): each channel with a kernel of
/// its own, then a 1 × 1 convolution over the channels, with nothing between the two.
///
/// Shapes: as `Conv2D`, N × C × H × W → N × channels × H' × W'.
/// Parameters: `depthwise.weight` [C, 1, kernel height, kernel width], `pointwise.weight`
/// [channels, C, 1, 1], `pointwise.bias` [channels].
public struct SeparableConv2D: Layer {
  public static let defaultName = "conv"

  /// The number of output channels.
  public var channels: Int
  /// The height and width of each channel's kernel.
  public var kernel: Size2D
  /// By how much the kernel moves down and right.
  public var strides: Size2D
  /// The cells around the input.
  public var padding: PaddingMode
  /// Whether a number is added to each output channel.
  public var usesBias: Bool
  /// What is applied to the result.
  public var activation: Activation
  /// How the weights begin; Glorot's uniform distribution where nil.
  public var initializer: Initializer?

  /// `channels` outputs of kernels of side `kernel`: `SeparableConv2D(128, 3, padding: .same)`.
  public init(
    _ channels: Int, _ kernel: Size2D, strides: Size2D = 1, padding: PaddingMode = .valid,
    bias: Bool = true, activation: Activation = .linear, initializer: Initializer? = nil
  ) {
    self.channels = channels
    self.kernel = kernel
    self.strides = strides
    self.padding = padding
    self.usesBias = bias
    self.activation = activation
    self.initializer = initializer
  }

  public var description: String { "SeparableConv2D(\(channels), \(kernel.brief))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    let depthwise = Conv2D(
      input.shape[1], kernel, strides: strides, padding: padding, groups: input.shape[1],
      bias: false, initializer: initializer)
    let pointwise = Conv2D(
      channels, 1, bias: usesBias, activation: activation, initializer: initializer)
    return try context.run(
      [depthwise.named("depthwise"), pointwise.named("pointwise")], on: input)
  }
}
