import Graphs
import Tensors

/// The inverse of ``PixelShuffle``: a network that computes at half the resolution sees four times the
/// surroundings at a quarter of the work (Zhang et al. 2018, arXiv 1710.04026, §III-A).
///
/// Shapes: N × C × factor·H × factor·W → N × C·factor² × H × W.
public struct PixelUnshuffle: Layer {
  public static let defaultName = "unshuffle"

  /// By how much height and width shrink.
  public var factor: Int

  /// `PixelUnshuffle(2)` turns each channel into four of half the height and width.
  public init(_ factor: Int) {
    self.factor = factor
  }

  public var description: String { "PixelUnshuffle(\(factor))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(factor, "factor", in: 1...64)
    guard input.shape[2] % factor == 0, input.shape[3] % factor == 0 else {
      throw context.mismatch(expected: "a size that \(factor) divides", received: input)
    }
    return try context.apply(SpaceToDepth(factor: factor), input)
  }
}
