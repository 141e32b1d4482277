import Graphs
import Tensors

/// A vector for each number of a vocabulary (Y. Bengio et al.: *A Neural Probabilistic Language Model*. 2003).
///
/// Shapes: whole numbers 0 ..< vocabulary, N × L → N × dimensions × L.
/// Parameters: `weight` [vocabulary, dimensions], uniform in ±0.05 at first.
public struct Embedding: Layer {
  public static let defaultName = "embedding"

  /// How many numbers there are.
  public var vocabulary: Int
  /// Numbers in a vector.
  public var dimensions: Int

  /// `Embedding(10_000, 32)`.
  public init(_ vocabulary: Int, _ dimensions: Int) {
    self.vocabulary = vocabulary
    self.dimensions = dimensions
  }

  public var description: String { "Embedding(\(vocabulary), \(dimensions))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard input.shape.rank == 2 else {
      throw context.mismatch(expected: "a list of numbers L", received: input)
    }
    try context.require(vocabulary, "vocabulary", in: Limit.count)
    try context.require(dimensions, "dimensions", in: Limit.count)
    // Uniform in ±√(6 / fan-in).
    let weight = try context.parameter(
      "weight", [vocabulary, dimensions], .heUniform, fanIn: 2_400)
    let series = try context.graphed { _ throws(GraphError) in
      try weight.applying(Gather(axis: 0), input.transposed([1, 0])).seriesOfSteps()
    }
    return try context.masked(series)
  }
}
