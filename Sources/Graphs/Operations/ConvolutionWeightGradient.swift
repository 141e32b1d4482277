import Tensors

/// The gradient of a convolution with respect to its weights:
///
///     dw[o, c, u, v] = Σ x[n, c, i·s + u·d − top, j·s + v·d − left] · dy[n, o, i, j]
///
/// Inputs: x [N, C, H, W], dy [N, O, H', W']. Output: dw [O, C / groups, f_h, f_w].
public struct ConvolutionWeightGradient: Operation {
  public let convolution: Convolution
  /// The shape of dw; strides leave several that would give dy.
  public let weightShape: Shape

  public init(of convolution: Convolution, weightShape: Shape) {
    self.convolution = convolution
    self.weightShape = weightShape
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    try require(weightShape.isUsable, "expected a usable weight shape, received \(weightShape)")
    let output = try convolution.outputShape(input: inputs[0], weight: weightShape)
    try require(inputs[1], equals: output, "an output gradient")
    return [weightShape]
  }

  /// dw is linear in x and in dy, and its derivatives are the other two convolutions.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (input, outputGradient) = (request.inputs[0], request.inputs[1])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        try outputGradient.applying(
          ConvolutionInputGradient(of: convolution, inputShape: input.shape), upstream)
      },
      try request.ifNeeded(1) { () throws(GraphError) in
        try input.applying(convolution, upstream)
      },
    ]
  }
}
