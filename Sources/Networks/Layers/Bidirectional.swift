import Graphs

/// Goes through a sequence from both ends (M. Schuster, K. Paliwal: *Bidirectional Recurrent Neural Networks*.
/// 1997) and puts the outputs one behind the other. Each sequence is reversed within its length.
///
/// Shapes: N × F × L → N × 2 · units × L with `returnsSequences`, else N × 2 · units.
/// Parameters: those of two layers, under `forward` and `backward`.
public struct Bidirectional: Layer {
  public static let defaultName = "bidirectional"

  /// The two directions.
  public var layers: [NamedLayer]

  /// `Bidirectional(LSTM(64))`.
  public init(_ layer: some RecurrentLayer) {
    var (forward, backward) = (layer, layer)
    forward.isReversed = false
    backward.isReversed = true
    layers = [forward.named("forward"), backward.named("backward")]
  }

  public var description: String { "Bidirectional" }

  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self {
    var copy = self
    copy.layers = layers.replacing(replace)
    return copy
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let results = try context.runEach(layers, on: input)
    return try context.graphed { graph throws(GraphError) in
      guard results.allSatisfy(\.isMadeOfSteps) else {
        return try graph.apply(Graphs.Concatenate(axis: 1), results)[0]
      }
      // Joined as steps, so that a recurrent layer behind takes them as they are.
      let steps = try results.map { (node) throws(GraphError) in try node.steps() }
      return try graph.apply(Graphs.Concatenate(axis: 2), steps)[0].seriesOfSteps()
    }
  }
}
