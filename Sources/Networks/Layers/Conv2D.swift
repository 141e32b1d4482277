import Graphs
import Tensors

/// Convolution of an image with learnt kernels (LeCun et al. 1998): for each output channel o
///
///     y[n, o, i, j] = b[o] + Σ_c,u,v w[o, c, u, v] · x[n, c, i·stride + u·dilation − p, …]
///
/// a correlation, as in every CNN library: the kernel is not flipped. With `groups` g the
/// channels fall into g parts that do not see each other; as many groups as channels make it
/// depthwise.
///
/// Shapes: N × C × H × W → N × channels × H' × W', where
/// H' = ⌊(H + top + bottom − dilation · (kernel − 1) − 1) / stride⌋ + 1.
/// Parameters: `weight` [channels, C / groups, kernel height, kernel width], `bias` [channels].
public struct Conv2D: Layer {
  public static let defaultName = "conv"

  /// The number of output channels, each with a kernel of its own.
  public var channels: Int
  /// The height and width of each kernel.
  public var kernel: Size2D
  /// By how much the kernel moves down and right.
  public var strides: Size2D
  /// The cells around the input.
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
  /// How the biases begin; zeros where nil.
  public var biasInitializer: Initializer?

  /// `channels` kernels of side `kernel`: `Conv2D(32, 3, activation: .relu)`.
  public init(
    _ channels: Int, _ kernel: Size2D, strides: Size2D = 1, padding: PaddingMode = .valid,
    dilation: Size2D = 1, groups: Int = 1, bias: Bool = true, activation: Activation = .linear,
    initializer: Initializer? = nil, biasInitializer: Initializer? = nil
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
    self.biasInitializer = biasInitializer
  }

  public var description: String { "Conv2D(\(channels), \(kernel.brief))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    let output = try convolve(input, in: &context)
    return try context.activate(output, activation)
  }

  /// The convolution and its bias, without the activation.
  func convolve(_ input: Node, in context: inout BuildContext) throws(NetworkError) -> Node {
    try context.require(channels, "channels", in: Limit.count)
    try context.require(kernel, "kernel")
    try context.require(strides, "strides")
    try context.require(dilation, "dilation")
    try context.requireGroups(groups, input: input, outputChannels: channels)
    let padding = try context.resolve(
      padding, kernel: kernel, dilation: dilation, strides: strides, image: input.imageSize)
    try context.requireFit(
      of: kernel, dilation: dilation, padding: padding, over: input, called: "kernel")

    let inner = input.shape[1] / groups
    let area = kernel.height * kernel.width
    let weight = try context.parameter(
      "weight", [channels, inner, kernel.height, kernel.width], initializer ?? .glorotUniform,
      fanIn: saturatingProduct(inner, area), fanOut: saturatingProduct(channels / groups, area))
    var output = try context.apply(
      Convolution(
        strides: strides, padding: padding, dilation: dilation, groups: groups),
      input, weight)
    context.countMultiplyAdds(outputs: output.shape.count, terms: saturatingProduct(inner, area))
    if usesBias {
      let bias = try context.parameter(
        "bias", [channels], biasInitializer ?? .zeros, fanIn: saturatingProduct(inner, area))
      output = try context.addBias(bias, to: output)
    }
    return output
  }
}
