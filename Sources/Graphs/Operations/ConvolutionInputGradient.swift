import Tensors

/// The gradient of a convolution with respect to its input, which also is the transposed
/// convolution:
///
///     dx[n, c, i·s + u·d − top, j·s + v·d − left] += dy[n, o, i, j] · w[o, c, u, v]
///
/// Inputs: dy [N, O, H', W'], w [O, C / groups, f_h, f_w]. Output: dx [N, C, H, W].
public struct ConvolutionInputGradient: Operation {
  public let convolution: Convolution
  /// The shape of dx; strides leave several that would give dy.
  public let inputShape: Shape

  public init(of convolution: Convolution, inputShape: Shape) {
    self.convolution = convolution
    self.inputShape = inputShape
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    try require(inputShape.isUsable, "expected a usable input shape, received \(inputShape)")
    let output = try convolution.outputShape(input: inputShape, weight: inputs[1])
    try require(inputs[0], equals: output, "an output gradient")
    return [inputShape]
  }

  /// dx is linear in dy and in w, and its derivatives are the other two convolutions.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (outputGradient, weight) = (request.inputs[0], request.inputs[1])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        try upstream.applying(convolution, weight)
      },
      try request.ifNeeded(1) { () throws(GraphError) in
        try upstream.applying(
          ConvolutionWeightGradient(of: convolution, weightShape: weight.shape), outputGradient)
      },
    ]
  }
}
