import Engine
import Graphs
import Networks
import Tensors

/// Multiplies each channel by a learned number (Touvron et al. 2021, arXiv 2103.17239, §2).
///
/// Shapes: kept. Parameters: `weight` [channels].
struct ChannelScale: Layer {
  static let defaultName = "scale"

  /// Initial value.
  var start: Float = 0.1

  var description: String { "ChannelScale(\(start))" }

  func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard input.shape.rank == 4 else {
      throw context.mismatch(expected: "an image", received: input)
    }
    let channels = input.shape[1]
    let weight = try context.parameter("weight", [channels], .constant(start))
    return try context.graphed { _ throws(GraphError) in
      try input * weight.reshaped(to: [1, channels, 1, 1])
    }
  }
}

/// A network with the layer in it.
let scaled = Network(input: [8, 8, 3]) {
  Conv2D(16, 3, activation: .relu)
  ChannelScale()
  GlobalAveragePool()
  Dense(2)
}

/// What the layer does to an image of ones.
func scaledOnes() throws -> Tensor {
  let graph = Graph()
  let built = try Network(input: [2, 2, 3]) { ChannelScale(start: 0.25) }
    .build(on: graph, batch: 1, mode: .inference)
  let variables = VariableStore()
  try variables.initialize(graph.variables, random: RandomSource(seed: 1))
  let plan = try Plan(graph, outputs: [built.output], variables: variables)
  try plan.setInput(built.input, Tensor([1, 3, 2, 2], repeating: 1))
  try plan.run()
  return try plan.output(built.output)
}
