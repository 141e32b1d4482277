import Graphs
import Tensors

/// Dropout (Srivastava et al. 2014): in training each number becomes zero with probability
/// `rate`, and the others are divided by 1 − rate, so that inference needs no correction.
///
/// Shapes: kept.
public struct Dropout: Layer {
  public static let defaultName = "dropout"

  /// The probability that a number is dropped, 0 ≤ rate < 1.
  public var rate: Float

  /// Drops that share of the numbers.
  public init(_ rate: Float) {
    self.rate = rate
  }

  public var description: String { "Dropout(\(rate))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard rate >= 0, rate < 1 else {
      throw context.failure("rate \(rate): expected at least 0 and less than 1")
    }
    guard context.mode == .training, rate > 0 else { return input }
    // Drawn step after step where a series is kept so: more steps behind change nothing before them.
    let isSteps = input.isMadeOfSteps
    let values = isSteps ? try context.graphed { _ throws(GraphError) in try input.steps() } : input
    let mask = try context.apply(DropoutMask(keepProbability: 1 - rate, shape: values.shape))
    let kept = try context.apply(Binary(.multiply), values, mask)
    return isSteps ? try context.graphed { _ throws(GraphError) in try kept.seriesOfSteps() } : kept
  }
}
