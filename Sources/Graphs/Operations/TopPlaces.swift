import Tensors

/// Where the largest or smallest elements along an axis lie, the first of all first.
///
/// Of equal elements the one of the lower place comes first; a not-a-number counts as larger than any
/// number.
///
/// Input: x. Output: x's shape with `count` on the axis; whole numbers 0 ..< the extent, as floats.
public struct TopPlaces: Operation {
  public let axis: Int
  /// How many places of each row.
  public let count: Int
  /// Whether the largest come first, or the smallest.
  public let takesLargest: Bool

  public init(axis: Int, count: Int, takesLargest: Bool = true) {
    self.axis = axis
    self.count = count
    self.takesLargest = takesLargest
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(axes: [axis], in: inputs[0])
    try require(
      (1...inputs[0][axis]).contains(count),
      "expected a count of 1 to \(inputs[0][axis]), received \(count)")
    return [inputs[0].replacing(axis: axis, with: count)]
  }

  /// Places do not change with small changes of x.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] { [nil] }
}
