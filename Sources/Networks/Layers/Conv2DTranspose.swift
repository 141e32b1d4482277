import Graphs
import Tensors

/// Transposed convolution: the gradient of a convolution used forwards, so that a stride s makes
/// an image s times larger (Zeiler et al. 2010; Dumoulin and Visin 2016, arXiv 1603.07285 §4).
///
/// Shapes: N × C × H × W → N × channels × H' × W'. With `valid` padding
/// H' = (H − 1) · stride + dilation · (kernel − 1) + 1; explicit padding cuts that many cells off
/// each side; `same` gives H' = H · stride, as the adjoint of `Conv2D`'s `same` with that stride.
/// Parameters: `weight` [C, channels / groups, kernel height, kernel width], `bias` [channels].
public struct Conv2DTranspose: Layer {
  public static let defaultName = "deconv"

  /// The number of output channels.
  public var channels: Int
  /// The height and width of each kernel.
  public var kernel: Size2D
  /// By how much height and width grow.
  public var strides: Size2D
  /// The cells cut off around the output.
  public var padding: PaddingMode
  /// The distance between neighboring cells of the kernel.
  public var dilation: Size2D
  /// Into how many parts the channels fall that do not see each other.
  public var groups: Int
  /// Whether a number is added to each output channel.
  public var usesBias: Bool
  /// What is applied to the result.
  public var activation: Activation
  /// How the weights begin; Glorot's uniform distribution where nil.
  public var initializer: Initializer?

  /// `channels` kernels of side `kernel`: `Conv2DTranspose(64, 4, strides: 2, padding: .same)`.
  public init(
    _ channels: Int, _ kernel: Size2D, strides: Size2D = 1, padding: PaddingMode = .valid,
    dilation: Size2D = 1, groups: Int = 1, bias: Bool = true, activation: Activation = .linear,
    initializer: Initializer? = nil
  ) {
    self.channels = channels
    self.kernel = kernel
    self.strides = strides
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.usesBias = bias
    self.activation = activation
    self.initializer = initializer
  }

  public var description: String { "Conv2DTranspose(\(channels), \(kernel.brief))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(channels, "channels", in: Limit.count)
    try context.require(kernel, "kernel")
    try context.require(strides, "strides")
    try context.require(dilation, "dilation")
    try context.requireGroups(groups, input: input, outputChannels: channels)
    let shape = input.shape
    let area = kernel.height * kernel.width
    let inner = shape[1] / groups
    let outer = channels / groups
    let weight = try context.parameter(
      "weight", [shape[1], outer, kernel.height, kernel.width], initializer ?? .glorotUniform,
      fanIn: saturatingProduct(inner, area), fanOut: saturatingProduct(outer, area))
    switch padding {
    case .valid, .same, .explicit: break
    case .sameTensorFlow, .ceil:
      throw context.failure("padding \(padding): expected valid, same or four numbers")
    }
    let convolution = Convolution(
      strides: strides,
      padding: try context.resolve(
        padding, kernel: kernel, dilation: dilation, strides: strides, image: input.imageSize),
      dilation: dilation, groups: groups)
    // Of the `stride` sizes that a convolution brings to this one, `same` means the largest.
    let extra =
      padding == .same
      ? Size2D(height: strides.height - 1, width: strides.width - 1) : Size2D(0)
    let transposed = try context.graphed { _ throws(GraphError) in
      try convolution.transposed(input: shape, weight: weight.shape, outputPadding: extra)
    }
    var output = try context.apply(transposed, input, weight)
    context.countMultiplyAdds(outputs: shape.count, terms: saturatingProduct(outer, area))
    if usesBias {
      let bias = try context.parameter("bias", [channels], .zeros)
      output = try context.addBias(bias, to: output)
    }
    return try context.activate(output, activation)
  }
}
