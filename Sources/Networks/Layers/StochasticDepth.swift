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
    guard rate >= 0, rate < 1 else {
      throw context.failure("rate \(rate): expected at least 0 and less than 1")
    }
    guard context.mode == .training, rate > 0 else { return input }
    let shape = Shape([input.shape[0]] + input.shape.dimensions.dropFirst().map { _ in 1 })
    let mask = try context.apply(DropoutMask(keepProbability: 1 - rate, shape: shape))
    return try context.apply(Binary(.multiply), input, mask)
  }
}
