import Engine
import Graphs
import Networks
import ONNX
import Tensors

/// An ONNX file: as a graph of whatever it takes, and as layers of ours.
func readONNX(_ bytes: [UInt8]) {
  guard let model = try? ONNXModel(bytes: bytes) else { return }
  var shapes: [String: Shape] = [:]
  for port in model.inputs { shapes[port.name] = port.smallestShape }
  let graph = Graph()
  if let built = try? model.build(on: graph, inputs: shapes.mapValues { .shape($0) }) {
    run(built, of: graph)
  }
  guard let parts = try? model.network(size: (4, 4)) else { return }
  _ = try? parts.network.summary()
  // What a model file holds of it can be read again.
  guard let text = try? parts.network.json() else { return }
  let again = try? Network(json: text, additionalTypes: [ONNXNetwork.self])
  precondition((try? again?.json()) == text, "another network")
}

/// Plans what is small and runs it once, with zeros for its inputs.
private func run(_ built: ONNXGraph, of graph: Graph) {
  let size = graph.vertices.flatMap(\.shapes).reduce(0) { $0 + $1.count }
  guard size < 1 << 14, graph.vertices.count < 64 else { return }
  let nodes = built.outputs.values.compactMap { output in
    if case .node(let node) = output { node } else { nil }
  }
  let variables = VariableStore()
  for (name, tensor) in built.weights { variables.provide(tensor.deferred, for: name) }
  let options = PlanOptions(threads: 1)
  guard !nodes.isEmpty,
    let plan = try? Plan(graph, outputs: nodes, variables: variables, options: options)
  else { return }
  for node in built.inputs.values where plan.reads(node) {
    try? plan.setInput(node, Tensor(node.shape, repeating: 0))
  }
  guard (try? plan.run()) != nil else { return }
  for node in nodes {
    precondition((try? plan.output(node).shape) == node.shape, "another shape than was said")
  }
}

extension ONNXModel.Port {
  /// Its extents; 2 where the file leaves them free.
  fileprivate var smallestShape: Shape {
    Shape(
      (dimensions ?? [.fixed(2), .fixed(2)]).map { dimension in
        if case .fixed(let extent) = dimension { extent } else { 2 }
      })
  }
}
