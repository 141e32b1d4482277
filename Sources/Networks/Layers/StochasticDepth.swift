import Graphs
import Tensors

/// Stochastic depth (Huang et al. 2016, arXiv 1603.09382), at the end of a residual body: in training each
/// example's body becomes zero with probability `rate`, so that only its shortcut is left, and the others'
/// are divided by 1 − rate.
///
/// Shapes: kept, N × ….
public struct StochasticDepth: Layer {
  public static let defaultName = "depth"

  /// The probability that an example skips the body, 0 ≤ rate < 1.
  public var rate: Float

  /// Drops the body of that fraction of the examples.
  public init(_ rate: Float) {
    self.rate = rate
  }

  public var description: String { "StochasticDepth(\(rate))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let each = Shape([input.shape[0]] + input.shape.dimensions.dropFirst().map { _ in 1 })
    return try context.dropped(input, rate: rate, mask: each)
  }
}
