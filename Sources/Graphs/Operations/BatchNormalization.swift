import Tensors

/// Normalizes each channel over the batch and all positions:
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
    let (x, scale) = (request.inputs[0], request.inputs[1])
    let (mean, variance) = (request.outputs[1], request.outputs[2])
    var gradients: [Node?] = [nil, nil, nil]
    if let upstream = request.upstream[0] {
      gradients = try x.graph.apply(
        BatchNormalizationGradient(epsilon: epsilon), [x, scale, mean, variance, upstream])
    }
    // The statistics have gradients of their own where a second derivative passes through here:
    // dmean / M and dvariance · 2 · (x − mean) / M, for M elements in a channel.
    let channels = channelAxes(x.shape)
    let count = Float(x.shape.count / x.shape[1])
    if let upstream = request.upstream[1] {
      let share = try (upstream / count).reshaped(to: channels).broadcast(to: x.shape)
      gradients[0] = try gradients[0].adding(share)
    }
    if let upstream = request.upstream[2] {
      let slope = try (upstream * (2 / count)).reshaped(to: channels)
      gradients[0] = try gradients[0].adding(slope * (x - mean.reshaped(to: channels)))
    }
    return gradients
  }
}

extension Node? {
  /// The sum, where there is something to add to.
  fileprivate func adding(_ other: Node) throws(GraphError) -> Node {
    if let self { try self + other } else { other }
  }
}

extension Operation {
  /// [C] for an input of N × C × ….
  func channelShape(_ input: Shape) throws(GraphError) -> Shape {
    try require(
      input.rank >= 2, "expected an input with channels on its second axis, received \(input)")
    return [input[1]]
  }

  /// [C, 1, …], which broadcasts to N × C × ….
  func channelAxes(_ input: Shape) -> Shape {
    Shape([input[1]] + [Int](repeating: 1, count: input.rank - 2))
  }
}

/// The gradient of batch normalization, through the batch's own mean and variance as well. With
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

  /// The formulas above, composed of elementary operations and differentiated.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let (x, dy) = (request.inputs[0], request.inputs[4])
    let channels = channelAxes(x.shape)
    let summed = [0] + Array(2..<x.shape.rank)
    let scale = try request.inputs[1].reshaped(to: channels)
    let mean = try request.inputs[2].reshaped(to: channels)
    let variance = try request.inputs[3].reshaped(to: channels)

    let inverse = try (variance + epsilon).map(.sqrt).map(.reciprocal)
    let normalized = try (x - mean) * inverse
    let shiftGradient = try dy.sum(axes: summed)
    let scaleGradient = try (dy * normalized).sum(axes: summed)
    let share =
      try shiftGradient.reshaped(to: channels)
      + normalized * scaleGradient.reshaped(to: channels)
    let inputGradient = try scale * inverse * (dy - share / Float(x.shape.count / x.shape[1]))
    return try x.graph.gradients(
      throughComposition: [inputGradient, scaleGradient, shiftGradient], of: request)
  }
}
