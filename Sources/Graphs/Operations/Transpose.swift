import Tensors

/// Reorders axes: axis `permutation[i]` of the input is axis `i` of the output.
public struct Transpose: Operation {
  public let permutation: [Int]

  public init(_ permutation: [Int]) {
    self.permutation = permutation
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(
      permutation.sorted() == Array(0..<inputs[0].rank),
      "expected a permutation of the \(inputs[0].rank) axes of \(inputs[0]), received \(permutation)"
    )
    return [Shape(permutation.map { inputs[0][$0] })]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let inverse = permutation.indices.sorted { permutation[$0] < permutation[$1] }
    return [try request.onlyUpstream(self).transposed(inverse)]
  }
}
