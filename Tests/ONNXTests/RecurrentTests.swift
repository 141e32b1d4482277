import Engine
import Foundation
import Graphs
import Networks
import ONNX
import Tensors
import TestSupport
import Testing

/// Layers with memory in ONNX files, read and written.
@Suite struct RecurrentTests {
  private struct Case: Decodable {
    struct Numbers: Decodable {
      let shape: [Int]
      let values: [Float]
      var tensor: Tensor { Tensor(Shape(shape), values) }
    }
    let name: String
    let model: Data
    let inputs: [String: Numbers]
    let outputs: [String: Numbers]
  }

  /// Against onnxruntime (`Fixtures/make_recurrent_fixtures.py`), also what PyTorch's exporters write
  /// (`Fixtures/make_torch_recurrent_fixtures.py`).
  @Test(arguments: [("recurrent", 43), ("torch-recurrent", 34)])
  func asInOnnxruntime(_ name: String, count: Int) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/\(name).json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count == count)
    for one in cases {
      let model = try ONNXModel(bytes: [UInt8](one.model))
      let graph = Graph()
      let built = try model.build(
        on: graph, inputs: one.inputs.mapValues { .shape($0.tensor.shape) })
      let store = VariableStore()
      for (name, tensor) in built.weights { store[name] = Tensor(tensor.shape, tensor.scalars) }
      var outputs: [String: Node] = [:]
      for case (let name, .node(let node)) in built.outputs { outputs[name] = node }
      let plan = try Plan(graph, outputs: Array(outputs.values), variables: store)
      for (name, value) in one.inputs {
        if let node = built.inputs[name] { try plan.setInput(node, value.tensor) }
      }
      try plan.run()
      for (name, wanted) in one.outputs {
        let made = try plan.output(try #require(outputs[name], "\(one.name)"))
        #expect(made.shape == wanted.tensor.shape, "\(one.name)")
        let error = zip(made.scalars, wanted.values).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error < 2e-6, "\(one.name), \(name): \(error)")
      }
    }
  }

  static let layers: [@Sendable () -> any Layer] = [
    { SimpleRNN(3, activation: .relu) }, { LSTM(3, returnsSequences: true) },
    { LSTM(3, peepholes: true) }, { LSTM(3, peepholes: true, coupledGates: true) },
    { LSTM(3, coupledGates: true, reversed: true) }, { GRU(3) }, { GRU(3, resetAfter: false) },
    { Bidirectional(GRU(3, returnsSequences: true)) },
  ]

  /// A network written and read back computes the same, for any batch.
  @Test(arguments: layers.indices, [false, true])
  func comesBack(_ index: Int, hasLengths: Bool) throws {
    let batch = 31
    let graph = Graph()
    let inputs = [NetworkInput("series", [5, 2])] + (hasLengths ? [.lengths] : [])
    let nodes = try inputs.map { try graph.input($0.name, $0.shape.batched(batch)) }
    let built = try Network(inputs: inputs, layers: [Self.layers[index]().named("x")]).build(
      on: nodes, mode: .inference)
    var random = RandomSource(seed: 3)
    var values: [String: Tensor] = [:]
    for variable in graph.variables {
      values[variable.name] = ReferenceTensor.random(variable.shape, &random).tensor
    }
    let export = try ONNXExport(name: "x", batch: batch, outputs: [("y", built.output)]) {
      values[$0]
    }
    let model = try ONNXModel(bytes: export.bytes())
    let series = ReferenceTensor.random([2, 2, 5], &random).tensor
    let lengths = Tensor([2, 1], [5, 3])

    let own = Graph()
    let ownNodes = try inputs.map { try own.input($0.name, $0.shape.batched(2)) }
    let direct = try Network(inputs: inputs, layers: [Self.layers[index]().named("x")]).build(
      on: ownNodes, mode: .inference)
    let store = VariableStore()
    for (name, value) in values { store[name] = value }
    let plan = try Plan(own, outputs: [direct.output], variables: store)
    for (node, value) in zip(ownNodes, [series, lengths]) { try plan.setInput(node, value) }
    try plan.run()
    let expected = try plan.output(direct.output)
    let given = hasLengths ? ["series": series, "lengths": lengths] : ["series": series]
    let made = try model.output(of: given)
    #expect(made.shape == expected.shape)
    for (a, b) in zip(made.scalars, expected.scalars) { #expect(abs(a - b) < 1e-6) }
  }
}
