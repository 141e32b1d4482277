import Graphs

/// Runs each of its layers on the same input and puts their channels one behind the other
/// (the branches of GoogLeNet; with an empty `Sequential` as one branch, U-Net's skip connection).
///
/// Shapes: N × C₁ × H × W, N × C₂ × H × W, … → N × (C₁ + C₂ + …) × H × W.
public struct Concatenate: Layer {
  public static let defaultName = "concatenate"

  /// What runs side by side, in the order of the channels that come out.
  public var branches: [NamedLayer]

  /// Each layer of the list is a branch: `Concatenate { Conv2D(16, 1); Sequential { … } }`.
  public init(@LayerBuilder _ branches: () -> [LayerBuilder.Element]) {
    self.branches = [NamedLayer](branches(), naming: .byType)
  }

  public var description: String { "Concatenate" }

  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self {
    var copy = self
    copy.branches = branches.replacing(replace)
    return copy
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let results = try context.runEach(branches, on: input)
    guard let first = results.first else { throw context.failure("no branches") }
    for result in results {
      guard
        result.shape.rank == first.shape.rank,
        result.shape.replacing(axis: 1, with: 1) == first.shape.replacing(axis: 1, with: 1)
      else {
        throw context.failure(
          "the branches make \(first.shape.channelsLast) and \(result.shape.channelsLast): "
            + "expected equal sizes")
      }
    }
    let outputs = try context.graphed { graph throws(GraphError) in
      try graph.apply(Graphs.Concatenate(axis: 1), results)
    }
    return outputs[0]
  }
}
