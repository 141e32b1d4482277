import Tensors

/// Batch normalization with statistics that were kept: y = scale · (x − mean) / √(variance + ε) +
/// shift.
///
/// Inputs: x [N, C, …], scale, shift, mean, variance (each [C]). Output: y, of x's shape.
public struct BatchNormalizationInference: Operation {
  public let epsilon: Float

  public init(epsilon: Float = 1e-5) {
    self.epsilon = epsilon
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 5)
    let channels = try channelShape(inputs[0])
    for (shape, role) in zip(inputs[1...], ["a scale", "a shift", "a mean", "a variance"]) {
      try require(shape, equals: channels, role)
    }
    return [inputs[0]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let g = try request.onlyUpstream(self)
    let channels = channelAxes(g.shape)
    let summed = [0] + Array(2..<g.shape.rank)
    let x = request.inputs[0]
    let scale = try request.inputs[1].reshaped(to: channels)
    let mean = try request.inputs[3].reshaped(to: channels)
    let variance = try request.inputs[4].reshaped(to: channels)
    let inverse = try (variance + epsilon).map(.sqrt).map(.reciprocal)
    return [
      try request.ifNeeded(0) { () throws(GraphError) in try g * (scale * inverse) },
      try request.ifNeeded(1) { () throws(GraphError) in
        try (g * (x - mean) * inverse).sum(axes: summed)
      },
      try request.ifNeeded(2) { () throws(GraphError) in try g.sum(axes: summed) },
      try request.ifNeeded(3) { () throws(GraphError) in
        try (g * -(scale * inverse)).sum(axes: summed)
      },
      try request.ifNeeded(4) { () throws(GraphError) in
        let slope = try scale * inverse * inverse.map(.square) * -0.5
        return try (g * (x - mean) * slope).sum(axes: summed)
      },
    ]
  }
}
