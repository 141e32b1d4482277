import Tensors

/// Two-dimensional convolution; as in every CNN library a correlation, the kernel is not flipped.
///
///     y[n, o, i, j] = Σ x[n, c, i·s + u·d − top, j·s + v·d − left] · w[o, c, u, v]
///
/// summed over the channels c of o's group and over the kernel's cells (u, v); cells in the padding
/// are 0.
///
/// Inputs: x [N, C, H, W], w [O, C / groups, f_h, f_w]. Output: y [N, O, H', W'] with
/// H' = floor((H + top + bottom − d·(f_h − 1) − 1) / s) + 1.
///
/// Y. LeCun et al.: *Gradient-Based Learning Applied to Document Recognition*. 1998. The arithmetic
/// of sizes: V. Dumoulin, F. Visin: *A guide to convolution arithmetic for deep learning*. 2016.
public struct Convolution: Operation {
  public let strides: Size2D
  public let padding: EdgePadding
  public let dilation: Size2D
  /// Channels are cut into this many groups that do not see each other.
  public let groups: Int

  public init(
    strides: Size2D = 1, padding: EdgePadding = 0, dilation: Size2D = 1, groups: Int = 1
  ) {
    self.strides = strides
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    return [try outputShape(input: inputs[0], weight: inputs[1])]
  }

  /// The shape of y for x and w of the given shapes.
  public func outputShape(input: Shape, weight: Shape) throws(GraphError) -> Shape {
    try require(input, rank: 4, "an image batch N×C×H×W")
    try require(weight, rank: 4, "weights out×(in / groups)×height×width")
    try require(groups >= 1, "expected 1 or more groups, received \(groups)")
    try require(
      input[1] % groups == 0 && weight[0] % groups == 0,
      "expected channel counts that \(groups) groups divide, received \(input[1]) in, "
        + "\(weight[0]) out")
    try require(
      input[1] / groups == weight[1],
      "expected \(weight[1]) input channels a group, received \(input[1] / groups)")
    let size = try WindowRule.outputSize(
      self, image: input, window: Size2D(height: weight[2], width: weight[3]), strides: strides,
      padding: padding, dilation: dilation)
    return [input[0], weight[0], size.height, size.width]
  }

  /// The transposed convolution from N × C × H × W with weights [C, O / groups, f_h, f_w]: the
  /// input gradient of this convolution, with H' = (H − 1)·s − top − bottom + d·(f_h − 1) + 1 plus
  /// `outputPadding` rows at the lower end, which say which of s sizes is meant.
  ///
  /// V. Dumoulin, F. Visin, 2016, §4.
  ///
  /// - Throws: where the result would be empty or the outputs' padding is not smaller than strides.
  public func transposed(
    input: Shape, weight: Shape, outputPadding: Size2D = Size2D(0)
  ) throws(GraphError) -> ConvolutionInputGradient {
    try require(input, rank: 4, "an image batch N×C×H×W")
    try require(weight, rank: 4, "weights in×(out / groups)×height×width")
    try require(input.isUsable && weight.isUsable, "expected usable shapes")
    try require(
      (1...Limits.maxExtent).contains(groups), "expected 1 or more groups, received \(groups)")
    try require(
      strides.isUsable && dilation.isUsable && padding.isUsable,
      "expected positive strides and dilation and no negative padding")
    try require(
      (0..<max(strides.height, dilation.height)).contains(outputPadding.height)
        && (0..<max(strides.width, dilation.width)).contains(outputPadding.width),
      "expected an output padding smaller than the strides or the dilation, received "
        + "\(outputPadding)")
    // Each product is below 2⁶² − 2³², so that the sums do not overflow.
    func extent(_ n: Int, _ s: Int, _ f: Int, _ d: Int, _ padding: Int, _ extra: Int) -> Int {
      (n - 1) * s + d * (f - 1) + 1 + extra - padding
    }
    let height = extent(
      input[2], strides.height, weight[2], dilation.height, padding.top + padding.bottom,
      outputPadding.height)
    let width = extent(
      input[3], strides.width, weight[3], dilation.width, padding.left + padding.right,
      outputPadding.width)
    let shape: Shape = [input[0], weight[1] * groups, height, width]
    try require(
      shape.isUsable, "expected an output of at least 1×1 and a usable size, received \(shape)")
    return ConvolutionInputGradient(of: self, inputShape: shape)
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (input, weight) = (request.inputs[0], request.inputs[1])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        try upstream.applying(ConvolutionInputGradient(of: self, inputShape: input.shape), weight)
      },
      try request.ifNeeded(1) { () throws(GraphError) in
        try input.applying(
          ConvolutionWeightGradient(of: self, weightShape: weight.shape), upstream)
      },
    ]
  }
}
