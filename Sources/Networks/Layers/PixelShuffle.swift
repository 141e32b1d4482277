import Graphs
import Tensors

/// Makes an image larger by moving channels into space (sub-pixel convolution: Shi et al. 2016, arXiv
/// 1609.05158), as PyTorch's `PixelShuffle` orders them.
///
/// Shapes: N × C·factor² × H × W → N × C × factor·H × factor·W.
public struct PixelShuffle: Layer {
  public static let defaultName = "shuffle"

  /// By how much height and width grow.
  public var factor: Int

  /// `PixelShuffle(2)` turns four channels into one of twice the height and width.
  public init(_ factor: Int) {
    self.factor = factor
  }

  public var description: String { "PixelShuffle(\(factor))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(factor, "factor", in: 1...64)
    guard input.shape[1] % (factor * factor) == 0 else {
      throw context.mismatch(
        expected: "a multiple of \(factor * factor) channels", received: input)
    }
    return try context.apply(DepthToSpace(factor: factor), input)
  }
}
