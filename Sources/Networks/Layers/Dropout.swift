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
    guard input.isMadeOfSteps, context.mode == .training else {
      return try context.dropped(input, rate: rate, mask: input.shape)
    }
    // Drawn step after step where a series is kept so: more steps behind change nothing before them.
    let values = try context.graphed { _ throws(GraphError) in try input.steps() }
    let kept = try context.dropped(values, rate: rate, mask: values.shape)
    return try context.graphed { _ throws(GraphError) in try kept.seriesOfSteps() }
  }
}

extension BuildContext {
  /// In training the input times a mask that is 0 with probability `rate` and else 1 / (1 − rate).
  mutating func dropped(
    _ input: Node, rate: Float, mask shape: Shape
  ) throws(NetworkError) -> Node {
    guard rate >= 0, rate < 1 else {
      throw failure("rate \(rate): expected at least 0 and less than 1")
    }
    guard mode == .training, rate > 0 else { return input }
    let mask = try apply(DropoutMask(keepProbability: 1 - rate, shape: shape))
    return try apply(Binary(.multiply), input, mask)
  }
}
