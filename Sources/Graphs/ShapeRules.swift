import Tensors

/// The bounds of what a graph holds. Within them no shape arithmetic can overflow: an attribute
/// times an extent stays below 2⁶³.
enum Limits {
  /// The largest extent of an axis, stride, dilation or padding.
  static let maxExtent = Int(Int32.max)
  /// The most elements that a tensor may have.
  static let maxCount = 1 << 40
}

extension Shape {
  /// Whether all extents are at least 1 and the tensor is of a size that a machine could hold.
  var isUsable: Bool {
    dimensions.allSatisfy { (1...Limits.maxExtent).contains($0) }
      && count <= Limits.maxCount
  }

  /// The shape that two shapes make together by NumPy's rule: aligned at the last axis, extents
  /// are equal or one of them is 1. Nil where they do not fit.
  public func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(self.rank, other.rank)
    var result: [Int] = []
    for axis in 0..<rank {
      let left = axis < rank - self.rank ? 1 : self[axis - (rank - self.rank)]
      let right = axis < rank - other.rank ? 1 : other[axis - (rank - other.rank)]
      guard left == right || left == 1 || right == 1 else { return nil }
      result.append(left == 1 ? right : left)
    }
    return Shape(result)
  }
}

extension Operation {
  func failure(_ message: String) -> GraphError {
    GraphError(operation: name, message: message)
  }

  /// Checks a condition of the operation.
  func require(
    _ condition: Bool, _ message: @autoclosure () -> String
  ) throws(GraphError) {
    if !condition { throw failure(message()) }
  }

  /// Checks how many inputs there are.
  func require(_ inputs: [Shape], count: Int) throws(GraphError) {
    try require(inputs.count == count, "expected \(count) inputs, received \(inputs.count)")
  }

  /// Checks one input's shape.
  func require(_ shape: Shape, equals expected: Shape, _ role: String) throws(GraphError) {
    try require(shape == expected, "expected \(role) of shape \(expected), received \(shape)")
  }

  /// Checks one input's number of axes.
  func require(_ shape: Shape, rank: Int, _ role: String) throws(GraphError) {
    try require(
      shape.rank == rank, "expected \(role) with \(rank) axes, received \(shape)")
  }

  /// Checks that axes are distinct and lie in the shape.
  func require(axes: [Int], in shape: Shape) throws(GraphError) {
    try require(
      axes.allSatisfy(shape.dimensions.indices.contains) && Set(axes).count == axes.count,
      "expected distinct axes of \(shape), received \(axes)")
  }
}
