import Graphs
import Networks
import Tensors
import TestSupport

/// Builds one layer, called "x", and computes it by the slow reference.
///
/// - Returns: the layer's output, and all variables after the run.
func evaluate(
  _ layer: any Layer, on input: ReferenceTensor, variables: [String: ReferenceTensor] = [:],
  mode: Mode = .inference
) throws -> (output: ReferenceTensor, variables: [String: ReferenceTensor]) {
  let graph = Graph()
  let node = try graph.input("input", input.shape)
  let network = Network(input: input.shape.channelsLast, layers: [layer.named("x")])
  let built = try network.build(on: node, mode: mode)
  let interpreter = Interpreter(graph)
  for (name, value) in variables { interpreter.variables["x." + name] = value }
  let output = interpreter.run([built.output], inputs: [node: input])[0]
  return (output, interpreter.variables)
}

/// The value of a node that depends on inputs alone.
func evaluate(_ node: Node, _ inputs: [Node: ReferenceTensor]) -> ReferenceTensor {
  Interpreter(node.graph).run([node], inputs: inputs)[0]
}

extension ReferenceTensor {
  /// A row of numbers.
  static func row(_ values: [Double]) -> ReferenceTensor { ReferenceTensor([values.count], values) }
}
