import Tensors

/// Numbers that are positive and sum to 1 along an axis: yᵢ = e^(xᵢ) / Σⱼ e^(xⱼ), computed after the
/// largest x is taken off, so that nothing overflows.
///
/// Input: x. Output: y, of x's shape.
public struct Softmax: Operation {
  public let axis: Int

  public init(axis: Int) {
    self.axis = axis
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(axes: [axis], in: inputs[0])
    return inputs
  }

  /// dx = y · (dy − Σ dy · y).
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let y = request.outputs[0]
    return [try y * (upstream - (upstream * y).sum(axes: [axis], keepsAxes: true))]
  }
}

/// The logarithm of the softmax along an axis: yᵢ = xᵢ − ln Σⱼ e^(xⱼ).
///
/// Input: x. Output: y, of x's shape.
public struct LogSoftmax: Operation {
  public let axis: Int

  public init(axis: Int) {
    self.axis = axis
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(axes: [axis], in: inputs[0])
    return inputs
  }

  /// dx = dy − e^y · Σ dy.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let probabilities = try request.outputs[0].map(.exp)
    return [try upstream - probabilities * upstream.sum(axes: [axis], keepsAxes: true)]
  }
}
