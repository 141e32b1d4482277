import Graphs
import Tensors

/// The mean of each channel over the whole image (Lin et al. 2013, arXiv 1312.4400).
///
/// Shapes: N × C × H × W → N × C; a series N × C × L → N × C, over the steps that an example has.
public struct GlobalAveragePool: Layer {
  public static let defaultName = "pool"

  /// The layer; it has no hyperparameters.
  public init() {}

  public var description: String { "GlobalAveragePool()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard let lengths = context.lengths, input.shape.rank == 3 else {
      return try context.reduceChannels(of: input, .mean)
    }
    // Absent steps are zero and do not count.
    let sum = try context.reduceChannels(of: input, .sum)
    return try context.graphed { graph throws(GraphError) in
      try sum
        / lengths.combined(.maximum, graph.constant(1)).reshaped(to: [lengths.shape[0], 1])
    }
  }
}
