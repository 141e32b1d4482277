import Tensors

/// Adds cells before and after each axis.
///
/// Input: x. Output: extent i is before[i] + x.shape[i] + after[i].
public struct Pad: Operation {
  /// What the added cells hold; named as the image filters' borders are.
  public enum Mode: Hashable, Sendable {
    case constant(Float)
    /// Mirrored without repeating the edge: `dcb|abcd|cba`. At most extent − 1 cells a side.
    case reflect101
    /// The edge repeated: `aaa|abcd|ddd`.
    case replicate
  }

  public let before: [Int]
  public let after: [Int]
  public let mode: Mode

  public init(before: [Int], after: [Int], mode: Mode = .constant(0)) {
    self.before = before
    self.after = after
    self.mode = mode
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    let input = inputs[0]
    try require(
      before.count == input.rank && after.count == input.rank,
      "expected \(input.rank) paddings before and after, received \(before.count) and "
        + "\(after.count)")
    try require(
      (before + after).allSatisfy { (0...Limits.maxExtent).contains($0) },
      "expected paddings of 0 or more cells, received \(before) and \(after)")
    if mode == .reflect101 {
      try require(
        input.dimensions.indices.allSatisfy { max(before[$0], after[$0]) < input[$0] },
        "expected a reflection smaller than \(input), received \(before) and \(after)")
    }
    return [Shape(input.dimensions.indices.map { before[$0] + input[$0] + after[$0] })]
  }

  /// Constant cells keep their gradient; a copied cell adds its own to where it was copied from,
  /// axis by axis.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    var gradient = try request.onlyUpstream(self)
    let input = request.inputs[0].shape
    if case .constant = mode {
      let ends = input.dimensions.indices.map { before[$0] + input[$0] }
      return [try gradient.applying(Slice(starts: before, ends: ends))]
    }
    for axis in input.dimensions.indices where before[axis] + after[axis] > 0 {
      let sources = (-before[axis]..<input[axis] + after[axis]).map { position in
        Float(source(of: position, extent: input[axis]))
      }
      let indices = gradient.graph.constant(Tensor([sources.count], sources))
      gradient = try gradient.applying(
        GatherGradient(
          axis: axis, inputShape: gradient.shape.replacing(axis: axis, with: input[axis])),
        indices)
    }
    return [gradient]
  }

  /// The cell of an axis that a position before, in or after it shows; for `reflect101` and
  /// `replicate`.
  public func source(of position: Int, extent: Int) -> Int {
    if mode == .reflect101 {
      return position < 0
        ? -position : position >= extent ? 2 * (extent - 1) - position : position
    }
    return min(max(position, 0), extent - 1)
  }
}
