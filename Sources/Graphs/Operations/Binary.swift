import Tensors

/// A function of two numbers for each pair of elements, with NumPy's broadcasting: shapes are
/// aligned at the last axis, and an extent of 1 is repeated.
///
/// Inputs: a, b. Output: of the broadcast shape.
public struct Binary: Operation {
  public enum Kind: Hashable, Sendable {
    case add, subtract, multiply, divide
    /// The larger; where both are equal each takes half of the gradient.
    case maximum
    /// The smaller; where both are equal each takes half of the gradient.
    case minimum
    /// aᵇ.
    case power
    /// Comparisons give 1 where they hold, else 0, and have no gradient.
    case equal, greater, greaterOrEqual, less, lessOrEqual
  }

  public let kind: Kind

  public init(_ kind: Kind) {
    self.kind = kind
  }

  public var name: String { "Binary(\(kind))" }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    guard let shape = inputs[0].broadcast(with: inputs[1]) else {
      throw failure("expected shapes that broadcast, received \(inputs[0]) and \(inputs[1])")
    }
    return [shape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (a, b, y) = (request.inputs[0], request.inputs[1], request.outputs[0])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        try gradientOfLeft(upstream, a, b)?.summed(to: a.shape)
      },
      try request.ifNeeded(1) { () throws(GraphError) in
        try gradientOfRight(upstream, a, b, y)?.summed(to: b.shape)
      },
    ]
  }

  private func gradientOfLeft(_ g: Node, _ a: Node, _ b: Node) throws(GraphError) -> Node? {
    switch kind {
    case .add, .subtract: return g
    case .multiply: return try g * b
    case .divide: return try g / b
    case .maximum: return try g * Self.share(of: a, over: b)
    case .minimum: return try g * Self.share(of: b, over: a)
    case .power:
      // b · aᵇ⁻¹, and 0 at b = 0, where the power is infinite for a = 0.
      let isZero = try b.combined(.equal, b.graph.constant(0))
      return try g * b * a.combined(.power, b - 1 + isZero)
    case .equal, .greater, .greaterOrEqual, .less, .lessOrEqual: return nil
    }
  }

  private func gradientOfRight(
    _ g: Node, _ a: Node, _ b: Node, _ y: Node
  ) throws(GraphError) -> Node? {
    switch kind {
    case .add: return g
    case .subtract: return try -g
    case .multiply: return try g * a
    case .divide: return try -(g * y / b)
    case .maximum: return try g * Self.share(of: b, over: a)
    case .minimum: return try g * Self.share(of: a, over: b)
    case .power:
      // aᵇ · ln a, and 0 at a = 0, where the logarithm is infinite.
      let isZero = try a.combined(.equal, a.graph.constant(0))
      return try g * y * (a + isZero).map(.log)
    case .equal, .greater, .greaterOrEqual, .less, .lessOrEqual: return nil
    }
  }

  /// 1 where `a` is greater, ½ where they are equal, else 0.
  private static func share(of a: Node, over b: Node) throws(GraphError) -> Node {
    try (a.combined(.greater, b) + a.combined(.greaterOrEqual, b)) * 0.5
  }
}
