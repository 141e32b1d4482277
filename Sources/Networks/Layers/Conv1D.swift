import Graphs
import Tensors

/// Convolution along a series: `Conv2D` of height 1.
///
/// Shapes: N × C × L → N × channels × L'. Past an example's length the output is zero.
/// Parameters: `weight` [channels, C / groups, 1, kernel], `bias` [channels].
public struct Conv1D: Layer {
  public static let defaultName = "conv"

  /// The number of output channels.
  public var channels: Int
  /// The length of each kernel.
  public var kernel: Int
  /// By how much the kernel moves.
  public var stride: Int
  /// The cells around the input.
  public var padding: PaddingMode
  /// The distance between neighboring cells of the kernel.
  public var dilation: Int
  /// Into how many parts the channels fall that do not see each other.
  public var groups: Int
  /// Whether a number is added to each output channel.
  public var usesBias: Bool
  /// What is applied to the result.
  public var activation: Activation
  /// How the weights begin; Glorot's uniform distribution where nil.
  public var initializer: Initializer?

  /// `channels` kernels of `kernel` neighbors. Of an explicit padding, left and right count.
  public init(
    _ channels: Int, _ kernel: Int, stride: Int = 1, padding: PaddingMode = .valid,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true, activation: Activation = .linear,
    initializer: Initializer? = nil
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.usesBias = bias
    self.activation = activation
    self.initializer = initializer
  }

  public var description: String { "Conv1D(\(channels), \(kernel))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let shape = input.shape
    guard shape.rank == 3 else {
      throw context.mismatch(expected: "a series L×C", received: input)
    }
    let sides = try context.resolve(
      padding, kernel: Size2D(height: 1, width: kernel), dilation: Size2D(dilation),
      strides: Size2D(height: 1, width: stride), image: Size2D(height: 1, width: shape[2]))
    let flat = Conv2D(
      channels, Size2D(height: 1, width: kernel), strides: Size2D(height: 1, width: stride),
      padding: .explicit(EdgePadding(top: 0, left: sides.left, bottom: 0, right: sides.right)),
      dilation: Size2D(height: 1, width: dilation), groups: groups, bias: usesBias,
      initializer: initializer)
    let result = try context.activate(
      flat.convolve(context.image(of: input), in: &context), activation)
    let output = try context.series(of: result)
    try context.shortenLengths(
      window: kernel, stride: stride, padding: sides.left + sides.right, dilation: dilation)
    return try context.masked(output)
  }
}
