import Graphs
import Tensors

/// Runs layers on every step of a sequence by itself, with the same weights: a CNN on the frames of a clip, or
/// a dense layer on the outputs of a recurrent one.
///
/// Shapes: a series N × F × L, each step N × F; clips N × C × T × H × W, each step N × C × H × W. The steps'
/// results N × F′ become N × F′ × L, those of N × C′ × H′ × W′ become N × C′ × T × H′ × W′.
/// Parameters: those of the layers.
public struct TimeDistributed: Layer {
  public static let defaultName = "steps"

  /// What runs on each step.
  public var layers: [NamedLayer]

  /// `TimeDistributed { Conv2D(16, 3); Flatten() }`.
  public init(@LayerBuilder _ layers: () -> [LayerBuilder.Element]) {
    self.layers = [NamedLayer](layers(), naming: .byType)
  }

  public static let isContainer = true

  public var description: String { "TimeDistributed" }

  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self {
    var copy = self
    copy.layers = layers.replacing(replace)
    return copy
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let shape = input.shape
    guard shape.rank == 3 || shape.rank == 5 else {
      throw context.mismatch(expected: "a series L×C or frames T×H×W×C", received: input)
    }
    // Steps first, so that a recurrent layer behind takes them as they are.
    let rows = try context.graphed { _ throws(GraphError) in
      let steps =
        shape.rank == 3 ? try input.steps() : try input.transposed([2, 0, 1, 3, 4])
      return try steps.reshaped(
        to: Shape([shape[2] * shape[0]] + steps.shape.dimensions.dropFirst(2)))
    }
    let layers = layers
    let result = try context.withoutLengths { (context) throws(NetworkError) in
      try context.run(layers, on: rows)
    }
    guard result.shape.rank == 2 || result.shape.rank == 4 else {
      throw context.mismatch(expected: "features or an image of each step", received: result)
    }
    let output = try context.graphed { _ throws(GraphError) in
      let steps = try result.reshaped(
        to: Shape([shape[2], shape[0]] + result.shape.dimensions.dropFirst()))
      return result.shape.rank == 2
        ? try steps.seriesOfSteps() : try steps.transposed([1, 2, 0, 3, 4])
    }
    return output.shape.rank == 3 ? try context.masked(output) : output
  }
}
