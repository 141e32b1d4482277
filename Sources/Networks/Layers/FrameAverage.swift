import Graphs
import Tensors

/// The mean of a clip's frames: an image without motion.
///
/// Shapes: N × C × T × H × W → N × C × H × W, over the frames that an example has.
public struct FrameAverage: Layer {
  public static let defaultName = "average"

  /// The layer; it has no hyperparameters.
  public init() {}

  public var description: String { "FrameAverage()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard input.shape.rank == 5 else {
      throw context.mismatch(expected: "frames T×H×W×C", received: input)
    }
    let lengths = context.lengths
    return try context.graphed { graph throws(GraphError) in
      guard let lengths else { return try input.mean(axes: [2]) }
      // Absent frames are zero and do not count.
      return try input.sum(axes: [2])
        / lengths.combined(.maximum, graph.constant(1)).reshaped(to: [lengths.shape[0], 1, 1, 1])
    }
  }
}
