import Graphs
import Tensors

/// Puts all numbers of an element in one row, channel after channel (PyTorch's order).
///
/// Shapes: N × C × H × W → N × (C · H · W).
public struct Flatten: Layer {
  public static let defaultName = "flatten"

  /// The layer; it has no hyperparameters.
  public init() {}

  public var description: String { "Flatten()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let features = Shape(Array(input.shape.dimensions.dropFirst())).count
    return try context.apply(Graphs.Reshape([input.shape[0], features]), input)
  }
}
