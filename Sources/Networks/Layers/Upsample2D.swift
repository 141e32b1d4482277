import Graphs
import Tensors

/// Makes an image larger by a whole factor.
///
/// Shapes: N × C × H × W → N × C × factor·H × factor·W.
public struct Upsample2D: Layer {
  public static let defaultName = "upsample"

  /// By how much height and width grow.
  public var factor: Int
  /// Repeated pixels, or blended ones.
  public var mode: Upsample.Mode

  /// `Upsample2D(2)` doubles height and width.
  public init(_ factor: Int, mode: Upsample.Mode = .nearest) {
    self.factor = factor
    self.mode = mode
  }

  public var description: String { "Upsample2D(\(factor))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(factor, "factor", in: Limit.window)
    return try context.apply(
      Upsample(factor: Size2D(factor), mode: mode), input)
  }
}
