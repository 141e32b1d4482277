import Tensors

/// Running sums along an axis: yᵢ = Σ xⱼ over j ≤ i.
///
/// Input: x. Output: y, of x's shape.
public struct CumulativeSum: Operation {
  public let axis: Int
  /// Whether xᵢ itself is left out of yᵢ.
  public let isExclusive: Bool
  /// Whether the sums run from the end, over j ≥ i.
  public let isReversed: Bool

  public init(axis: Int, isExclusive: Bool = false, isReversed: Bool = false) {
    self.axis = axis
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(axes: [axis], in: inputs[0])
    return inputs
  }

  /// The same sums from the other end.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [
      try request.onlyUpstream(self).applying(
        CumulativeSum(axis: axis, isExclusive: isExclusive, isReversed: !isReversed))
    ]
  }
}
