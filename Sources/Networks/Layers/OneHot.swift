import Graphs
import Tensors

/// For each number of a vocabulary as many numbers as there are, 1 at its place and 0 elsewhere.
///
/// Shapes: whole numbers 0 ..< vocabulary, N × L → N × vocabulary × L.
public struct OneHot: Layer {
  public static let defaultName = "onehot"

  /// How many numbers there are.
  public var vocabulary: Int

  /// More would take more memory than an ``Embedding`` that says the same.
  public static let largestVocabulary = 4_096

  /// `OneHot(100)`.
  public init(_ vocabulary: Int) { self.vocabulary = vocabulary }

  public var description: String { "OneHot(\(vocabulary))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard input.shape.rank == 2 else {
      throw context.mismatch(expected: "a list of numbers L", received: input)
    }
    try context.require(vocabulary, "vocabulary", in: 1...Self.largestVocabulary)
    let (batch, steps) = (input.shape[0], input.shape[1])
    let places = Tensor([1, vocabulary, 1], (0..<vocabulary).map { Float($0) })
    let series = try context.graphed { graph throws(GraphError) in
      try input.reshaped(to: [batch, 1, steps]).combined(.equal, graph.constant(places))
    }
    return try context.masked(series)
  }
}
