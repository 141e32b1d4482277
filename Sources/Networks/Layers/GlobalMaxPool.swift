import Graphs
import Tensors

/// The largest number of each channel over the whole image.
///
/// Shapes: N × C × H × W → N × C; a series N × C × L → N × C, over the steps that an example has.
public struct GlobalMaxPool: Layer {
  public static let defaultName = "pool"

  /// The layer; it has no hyperparameters.
  public init() {}

  public var description: String { "GlobalMaxPool()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let shape = input.shape
    guard shape.rank == 4 else {
      var series = input
      // Absent steps never win; an empty series gives the zero at its first.
      if shape.rank == 3, let mask = try context.mask(steps: shape[2], atLeast: 1) {
        series = try context.apply(
          Select(), mask, series, context.graph.constant(-.greatestFiniteMagnitude))
      }
      return try context.reduceChannels(of: series, .max)
    }
    let window = Size2D(height: shape[2], width: shape[3])
    let largest = try context.apply(MaxPool(window: window, strides: 1, padding: 0), input)
    return try context.apply(Graphs.Reshape([shape[0], shape[1]]), largest)
  }
}
