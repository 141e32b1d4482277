import Tensors

// Sugar over `Graph.apply`: each function adds one operation, or the few that it is made of.

extension Node {
  /// The first output of an operation on this node and others.
  public func applying(
    _ operation: any Operation, _ others: Node...
  ) throws(GraphError) -> Node {
    try graph.apply(operation, [self] + others)[0]
  }

  // MARK: - Arithmetic, broadcasting

  public static func + (left: Node, right: Node) throws(GraphError) -> Node {
    try left.applying(Binary(.add), right)
  }

  public static func - (left: Node, right: Node) throws(GraphError) -> Node {
    try left.applying(Binary(.subtract), right)
  }

  public static func * (left: Node, right: Node) throws(GraphError) -> Node {
    try left.applying(Binary(.multiply), right)
  }

  public static func / (left: Node, right: Node) throws(GraphError) -> Node {
    try left.applying(Binary(.divide), right)
  }

  public static func + (left: Node, right: Float) throws(GraphError) -> Node {
    try left + left.graph.constant(right)
  }

  public static func - (left: Node, right: Float) throws(GraphError) -> Node {
    try left - left.graph.constant(right)
  }

  public static func * (left: Node, right: Float) throws(GraphError) -> Node {
    try left * left.graph.constant(right)
  }

  public static func / (left: Node, right: Float) throws(GraphError) -> Node {
    try left / left.graph.constant(right)
  }

  public static func + (left: Float, right: Node) throws(GraphError) -> Node {
    try right.graph.constant(left) + right
  }

  public static func - (left: Float, right: Node) throws(GraphError) -> Node {
    try right.graph.constant(left) - right
  }

  public static func * (left: Float, right: Node) throws(GraphError) -> Node {
    try right.graph.constant(left) * right
  }

  public static func / (left: Float, right: Node) throws(GraphError) -> Node {
    try right.graph.constant(left) / right
  }

  public static prefix func - (node: Node) throws(GraphError) -> Node {
    try node.applying(Unary(.negate))
  }

  // MARK: - Element-wise

  /// A function of each element: `try x.map(.relu)`.
  public func map(_ kind: Unary.Kind) throws(GraphError) -> Node {
    try applying(Unary(kind))
  }

  /// A function of each pair of elements: `try x.combined(.maximum, y)`.
  public func combined(_ kind: Binary.Kind, _ other: Node) throws(GraphError) -> Node {
    try applying(Binary(kind), other)
  }

  // MARK: - Reductions

  /// Reduces the given axes, or all.
  public func reduced(
    _ kind: Reduce.Kind, axes: [Int]? = nil, keepsAxes: Bool = false
  ) throws(GraphError) -> Node {
    try applying(Reduce(kind, axes: axes ?? Array(0..<shape.rank), keepsAxes: keepsAxes))
  }

  /// The sum over the given axes, or over all.
  public func sum(axes: [Int]? = nil, keepsAxes: Bool = false) throws(GraphError) -> Node {
    try reduced(.sum, axes: axes, keepsAxes: keepsAxes)
  }

  /// The mean over the given axes, or over all.
  public func mean(axes: [Int]? = nil, keepsAxes: Bool = false) throws(GraphError) -> Node {
    try reduced(.mean, axes: axes, keepsAxes: keepsAxes)
  }

  // MARK: - Shape

  /// The same elements in row-major order under another shape.
  public func reshaped(to shape: Shape) throws(GraphError) -> Node {
    shape == self.shape ? self : try applying(Reshape(shape))
  }

  /// Repeated along axes that are 1 or missing in front.
  public func broadcast(to shape: Shape) throws(GraphError) -> Node {
    shape == self.shape ? self : try applying(Broadcast(shape))
  }

  /// Axis `permutation[i]` becomes axis `i`.
  public func transposed(_ permutation: [Int]) throws(GraphError) -> Node {
    try applying(Transpose(permutation))
  }

  /// The opposite of `broadcast`: the sum over all that a broadcast from `shape` repeated.
  func summed(to shape: Shape) throws(GraphError) -> Node {
    if self.shape == shape { return self }
    let added = self.shape.rank - shape.rank
    let axes = self.shape.dimensions.indices.filter { axis in
      axis < added || shape[axis - added] == 1 && self.shape[axis] != 1
    }
    let summed = axes.isEmpty ? self : try sum(axes: axes)
    return try summed.reshaped(to: shape)
  }
}
