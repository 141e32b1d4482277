import Tensors

/// Takes each element from one of two tensors: y = a where the condition is not 0, else b.
///
/// Inputs: condition, a, b, with NumPy's broadcasting. Output: of the broadcast shape.
public struct Select: Operation {
  public init() {}

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 3)
    guard let shape = inputs[0].broadcast(with: inputs[1])?.broadcast(with: inputs[2]) else {
      throw failure("expected shapes that broadcast, received \(inputs)")
    }
    return [shape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (condition, a, b) = (request.inputs[0], request.inputs[1], request.inputs[2])
    let zero = upstream.graph.constant(0)
    return [
      nil,
      try request.ifNeeded(1) { () throws(GraphError) in
        try condition.applying(self, upstream, zero).summed(to: a.shape)
      },
      try request.ifNeeded(2) { () throws(GraphError) in
        try condition.applying(self, zero, upstream).summed(to: b.shape)
      },
    ]
  }
}
