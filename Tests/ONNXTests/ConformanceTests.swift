import Engine
import Foundation
import Graphs
import ONNX
import Tensors
import TestCases
import Testing

/// Runs over ONNX's own conformance cases (`VISION_CONFORMANCE=1`).
@Suite(.serialized, .enabled(if: Cases.isConformanceRun, Cases.absent))
struct ConformanceTests {
  /// Of this case the expected numbers were written down with four decimals; what we compute is what
  /// the definition gives, 1.36 / 9 and so on.
  static let coarse = "test_averagepool_2d_ceil_last_window_starts_on_pad"

  @Test func nodes() throws {
    let folder = try Cases.unpack("onnx/node.tar.gz")
    let cases = folder.files("model.onnx").map { $0.deletingLastPathComponent() }
    #expect(cases.count >= 262)
    for place in cases {
      let node = try NodeCase(place)
      let tolerance = node.name == Self.coarse ? NodeCase.Tolerance(absolute: 5e-5) : .init()
      #expect(try node.failure(tolerance) == nil, "\(node.name)")
    }
  }

  /// Networks of the model zoo with constant weights; what goes in runs from 0 up to 1.
  @Test func wholeNetworks() throws {
    let folder = try Cases.unpack("onnx/light.tar.gz")
    let files = folder.files(".onnx")
    #expect(files.count >= 9)
    for file in files {
      let name = file.deletingPathExtension().lastPathComponent
      let model = try ONNXModel(path: file.path)
      let input = try #require(model.inputs.first)
      #expect(model.inputs.count == 1 && model.outputs.count == 1, "\(name)")
      let shape: Shape = [1, 3, 224, 224]
      let bytes = [UInt8](
        try Data(
          contentsOf: file.deletingLastPathComponent().appending(path: "\(name)_output_0.pb")))
      let wanted = try ONNXTensor(serialized: bytes)
      let scalars = (0..<shape.count).map { Float(Double($0) / Double(shape.count)) }
      let made = try model.output(of: [input.name: Tensor(shape, scalars)])
      #expect(made.shape == wanted.shape, "\(name)")
      let isClose = zip(made.scalars, wanted.scalars).allSatisfy {
        abs($0 - $1) <= 1e-5 + 1e-4 * abs($1)
      }
      #expect(isClose, "\(name): \(made.scalars[0]) instead of \(wanted.scalars[0])")
    }
  }
}

extension ONNXModel {
  /// What the network makes of inputs: its first output.
  func output(of inputs: [String: Tensor]) throws -> Tensor {
    let graph = Graph()
    let built = try build(on: graph, inputs: inputs.mapValues { .shape($0.shape) })
    let name = try #require(outputs.first?.name)
    switch try #require(built.outputs[name]) {
    case .known(let shape, let scalars): return Tensor(shape, scalars)
    case .node(let node):
      let variables = VariableStore()
      for (name, tensor) in built.weights { variables[name] = Tensor(tensor.shape, tensor.scalars) }
      let plan = try Plan(
        graph, outputs: [node], variables: variables, options: PlanOptions(threads: 2))
      for (name, tensor) in inputs {
        guard let input = built.inputs[name], plan.reads(input) else { continue }
        try plan.setInput(input, tensor)
      }
      try plan.run()
      return try plan.output(node)
    }
  }
}
