import Tensors

/// Normalizes each sample over its last axes, from `axis` on:
///
///     y = scale · (x − mean) / √(variance + ε) + shift
///
/// Inputs: x, scale and shift of the shape of x's axes from `axis` on. Output: y, of x's shape.
///
/// J. L. Ba, J. R. Kiros, G. E. Hinton: *Layer Normalization*. 2016.
public struct LayerNormalization: Operation {
  public let axis: Int
  public let epsilon: Float

  public init(axis: Int, epsilon: Float = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 3)
    try require(axes: [axis], in: inputs[0])
    let normalized = Shape(inputs[0].dimensions[axis...])
    try require(inputs[1], equals: normalized, "a scale")
    try require(inputs[2], equals: normalized, "a shift")
    return [inputs[0]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    return try upstream.graph.apply(
      LayerNormalizationGradient(axis: axis, epsilon: epsilon),
      [request.inputs[0], request.inputs[1], upstream])
  }
}

/// The gradient of layer normalization. With x̂ = (x − mean) / √(variance + ε), d = dy · scale and
/// means over the normalized axes:
///
///     dshift = Σ dy        dscale = Σ dy · x̂
///     dx = (d − mean(d) − x̂ · mean(d · x̂)) / √(variance + ε)
///
/// Inputs: x, scale, dy. Outputs: dx, dscale, dshift (the sums run over the axes before `axis`).
public struct LayerNormalizationGradient: Operation {
  public let axis: Int
  public let epsilon: Float

  public init(axis: Int, epsilon: Float = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 3)
    try require(axes: [axis], in: inputs[0])
    let normalized = Shape(inputs[0].dimensions[axis...])
    try require(inputs[1], equals: normalized, "a scale")
    try require(inputs[2], equals: inputs[0], "an output gradient")
    return [inputs[0], normalized, normalized]
  }

  /// The formulas above, composed of elementary operations and differentiated.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let (x, scale, dy) = (request.inputs[0], request.inputs[1], request.inputs[2])
    let normalizedAxes = Array(axis..<x.shape.rank)
    func mean(_ node: Node) throws(GraphError) -> Node {
      try node.mean(axes: normalizedAxes, keepsAxes: true)
    }
    let centered = try x - mean(x)
    let inverse = try (mean(centered.map(.square)) + epsilon).map(.sqrt).map(.reciprocal)
    let normalized = try centered * inverse
    let d = try dy * scale
    let inputGradient = try (d - mean(d) - normalized * mean(d * normalized)) * inverse
    let samples = Array(0..<axis)
    return try x.graph.gradients(
      throughComposition: [
        inputGradient, (dy * normalized).sum(axes: samples), dy.sum(axes: samples),
      ],
      of: request)
  }
}
