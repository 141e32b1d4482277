import Graphs
import Tensors

/// The mean of each channel over the whole image (Lin et al. 2013, arXiv 1312.4400).
///
/// Shapes: N × C × H × W → N × C; a series N × C × L → N × C.
public struct GlobalAveragePool: Layer {
  public static let defaultName = "pool"

  /// The layer; it has no hyperparameters.
  public init() {}

  public var description: String { "GlobalAveragePool()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.reduceChannels(of: input, .mean)
  }
}
