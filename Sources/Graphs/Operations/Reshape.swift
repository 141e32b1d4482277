import Tensors

/// The same elements in row-major order under another shape.
public struct Reshape: Operation {
  public let shape: Shape

  public init(_ shape: Shape) {
    self.shape = shape
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(
      shape.isUsable && inputs[0].count == shape.count,
      "expected \(shape.count) elements for \(shape), received \(inputs[0].count) (\(inputs[0]))")
    return [shape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).reshaped(to: request.inputs[0].shape)]
  }
}
