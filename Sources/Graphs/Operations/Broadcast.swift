import Tensors

/// Repeats along axes that are 1 or missing in front, by NumPy's rule.
///
/// Input: x. Output: of the given shape.
public struct Broadcast: Operation {
  public let shape: Shape

  public init(_ shape: Shape) {
    self.shape = shape
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(
      inputs[0].broadcast(with: shape) == shape,
      "expected a shape that broadcasts to \(shape), received \(inputs[0])")
    return [shape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).summed(to: request.inputs[0].shape)]
  }
}
