import Tensors

/// Normalises each channel over the batch and all positions:
///
///     y = scale · (x − mean) / √(variance + ε) + shift
///
/// Inputs: x [N, C, …], scale [C], shift [C]. Outputs: y, of x's shape; the batch's mean [C] and its
/// biased variance [C], from which running statistics are kept.
///
/// S. Ioffe, C. Szegedy: *Batch Normalization*. 2015.
public struct BatchNormalization: Operation {
  public let epsilon: Float

  public init(epsilon: Float = 1e-5) {
    self.epsilon = epsilon
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 3)
    let channels = try channelShape(inputs[0])
    try require(inputs[1], equals: channels, "a scale")
    try require(inputs[2], equals: channels, "a shift")
    return [inputs[0], channels, channels]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    return try upstream.graph.apply(
      BatchNormalizationGradient(epsilon: epsilon),
      [request.inputs[0], request.inputs[1], request.outputs[1], request.outputs[2], upstream])
  }
}

extension Operation {
  /// [C] for an input of N × C × ….
  func channelShape(_ input: Shape) throws(GraphError) -> Shape {
    try require(
      input.rank >= 2, "expected an input with channels on its second axis, received \(input)")
    return [input[1]]
  }
}

/// The gradient of batch normalisation, through the batch's own mean and variance as well. With
/// x̂ = (x − mean) / √(variance + ε) and means over batch and positions:
///
///     dshift = Σ dy        dscale = Σ dy · x̂
///     dx = scale / √(variance + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂))
///
/// Inputs: x [N, C, …], scale, mean, variance (each [C]), dy. Outputs: dx, dscale [C], dshift [C].
public struct BatchNormalizationGradient: Operation {
  public let epsilon: Float

  public init(epsilon: Float = 1e-5) {
    self.epsilon = epsilon
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 5)
    let channels = try channelShape(inputs[0])
    try require(inputs[1], equals: channels, "a scale")
    try require(inputs[2], equals: channels, "a mean")
    try require(inputs[3], equals: channels, "a variance")
    try require(inputs[4], equals: inputs[0], "an output gradient")
    return [inputs[0], channels, channels]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    throw failure("has no second derivative here; leave normalisation out of a gradient penalty")
  }
}
