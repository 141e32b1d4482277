import Tensors

/// The matrix product of the last two axes, C = A · B, either factor transposed first on request.
///
/// Inputs: A […, M, K] (or […, K, M] when transposed), B […, K, N] (or […, N, K]). Output: C
/// […, M, N]. Leading axes are batches and broadcast.
public struct MatrixMultiply: Operation {
  public let transposesLeft: Bool
  public let transposesRight: Bool

  public init(transposeLeft: Bool = false, transposeRight: Bool = false) {
    self.transposesLeft = transposeLeft
    self.transposesRight = transposeRight
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    let (left, right) = (inputs[0], inputs[1])
    try require(
      left.rank >= 2 && right.rank >= 2,
      "expected matrices with at least 2 axes, received \(left) and \(right)")
    let (rows, inner) = matrix(left, transposed: transposesLeft)
    let (innerRight, columns) = matrix(right, transposed: transposesRight)
    try require(
      inner == innerRight,
      "expected equal inner extents, received \(inner) (of \(left)) and \(innerRight) (of \(right))"
    )
    let batches = Shape(left.dimensions.dropLast(2))
    guard let batch = batches.broadcast(with: Shape(right.dimensions.dropLast(2))) else {
      throw failure("expected batch axes that broadcast, received \(left) and \(right)")
    }
    return [Shape(batch.dimensions + [rows, columns])]
  }

  private func matrix(_ shape: Shape, transposed: Bool) -> (rows: Int, columns: Int) {
    let (first, second) = (shape[shape.rank - 2], shape[shape.rank - 1])
    return transposed ? (second, first) : (first, second)
  }

  /// dA = dC · Bᵀ and dB = Aᵀ · dC, summed over the batches that were broadcast.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (left, right) = (request.inputs[0], request.inputs[1])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        let product =
          transposesLeft
          ? try Self.multiply(right, upstream, transposesRight, true)
          : try Self.multiply(upstream, right, false, !transposesRight)
        return try product.summed(to: left.shape)
      },
      try request.ifNeeded(1) { () throws(GraphError) in
        let product =
          transposesRight
          ? try Self.multiply(upstream, left, true, transposesLeft)
          : try Self.multiply(left, upstream, !transposesLeft, false)
        return try product.summed(to: right.shape)
      },
    ]
  }

  private static func multiply(
    _ left: Node, _ right: Node, _ transposeLeft: Bool, _ transposeRight: Bool
  ) throws(GraphError) -> Node {
    try left.applying(
      MatrixMultiply(transposeLeft: transposeLeft, transposeRight: transposeRight), right)
  }
}
