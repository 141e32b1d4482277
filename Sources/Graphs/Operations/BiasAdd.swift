import Tensors

/// Adds one number to each channel: y[n, c, …] = x[n, c, …] + b[c].
///
/// Inputs: x [N, C, …], b [C]. Output: y, of x's shape.
public struct BiasAdd: Operation {
  public init() {}

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    let (input, bias) = (inputs[0], inputs[1])
    try require(
      input.rank >= 2, "expected an input with channels on its second axis, received \(input)")
    try require(bias, equals: [input[1]], "a bias")
    return [input]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    return [
      upstream,
      try request.ifNeeded(1) { () throws(GraphError) in
        try upstream.sum(axes: [0] + Array(2..<upstream.shape.rank))
      },
    ]
  }
}
