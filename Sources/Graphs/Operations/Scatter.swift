import Tensors

/// Rows of a tensor replaced by others, or joined with them, by number: the counterpart of
/// ``Gather``.
///
///     y = x; y[indicesᵢ, …] = y[indicesᵢ, …] ∘ updates[i, …], for i = 0, 1, …
///
/// Inputs: x [K, B…], indices [I] (floats that hold whole numbers 0 ..< K), updates [I, B…]. Output:
/// [K, B…]. Rows with an index outside are left out.
public struct Scatter: Operation {
  public enum Kind: Hashable, Sendable {
    /// The last row of an index stays.
    case replace
    case add, multiply, maximum, minimum
  }

  public let kind: Kind

  public init(_ kind: Kind) {
    self.kind = kind
  }

  public var name: String { "Scatter(\(kind))" }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 3)
    let (x, indices, updates) = (inputs[0], inputs[1], inputs[2])
    try require(x.rank > 0, "expected rows, received a scalar")
    try require(indices, rank: 1, "indices")
    try require(updates, equals: Shape([indices[0]] + x.dimensions.dropFirst()), "updates")
    return [x]
  }

  /// Replaced rows pass nothing on to x. Of updates with equal indices each is treated as the one that
  /// stayed.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    guard kind == .replace || kind == .add else {
      throw failure("rows joined by \(kind) have no gradient here")
    }
    let upstream = try request.onlyUpstream(self)
    let (indices, updates) = (request.inputs[1], request.inputs[2])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        guard kind == .replace else { return upstream }
        let zeros = try upstream.graph.constant(0).broadcast(to: updates.shape)
        return try upstream.applying(self, indices, zeros)
      }, nil,
      try request.ifNeeded(2) { () throws(GraphError) in
        try upstream.applying(Gather(axis: 0), indices)
      },
    ]
  }
}
