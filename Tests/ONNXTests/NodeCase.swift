import Engine
import Foundation
import Graphs
import ONNX
import Tensors

/// A conformance case: a model, what goes in, what must come out.
struct NodeCase {
  let name: String
  private let model: ONNXModel
  private let inputs: [ONNXTensor]
  private let expected: [ONNXTensor]

  /// - Parameter folder: holds `model.onnx` and `test_data_set_0/input_*.pb`, `output_*.pb`.
  init(_ folder: URL) throws {
    name = folder.lastPathComponent
    model = try ONNXModel(path: folder.appending(path: "model.onnx").path)
    let data = folder.appending(path: "test_data_set_0")
    func tensors(_ kind: String) throws -> [ONNXTensor] {
      var tensors: [ONNXTensor] = []
      while let bytes = try? Data(
        contentsOf: data.appending(path: "\(kind)_\(tensors.count).pb"))
      {
        tensors.append(try ONNXTensor(serialized: [UInt8](bytes)))
      }
      return tensors
    }
    inputs = try tensors("input")
    expected = try tensors("output")
  }

  /// How far numbers may lie apart.
  struct Tolerance {
    var absolute: Float = 1e-5
    var relative: Float = 1e-4
  }

  /// Runs the model and compares what comes out.
  ///
  /// Inputs are given to each run but for those that decide on shapes, which the model asks for when
  /// it is built.
  ///
  /// - Returns: what is wrong; nil where all is well.
  func failure(_ tolerance: Tolerance = Tolerance()) throws -> String? {
    var given = Dictionary(
      uniqueKeysWithValues: zip(model.inputs, inputs).map {
        ($0.name, ONNXInput.shape($1.shape))
      })
    while true {
      let graph = Graph()
      do {
        let built = try model.build(on: graph, inputs: given)
        return try failure(of: built, on: graph, tolerance)
      } catch ONNXError.needsValue(let name) {
        // Which input a shape came from is not always the one that the node reads.
        let pairs = zip(model.inputs, inputs)
        let known = pairs.filter { pair in
          if case .value = given[pair.0.name] { false } else { true }
        }
        guard
          let next = known.first(where: { $0.0.name == name })
            ?? known.last(where: { !$0.1.element.isFloatingPoint })
        else { return "needs the value of \(name)" }
        given[next.0.name] = .value(next.1)
      }
    }
  }

  private func failure(
    of built: ONNXGraph, on graph: Graph, _ tolerance: Tolerance
  ) throws -> String? {
    let variables = VariableStore()
    for (name, tensor) in built.weights { variables[name] = Tensor(tensor.shape, tensor.scalars) }
    var nodes: [Node] = []
    for case .node(let node) in built.outputs.values { nodes.append(node) }
    let plan = try Plan(
      graph, outputs: nodes, variables: variables, options: PlanOptions(threads: 1))
    for (port, tensor) in zip(model.inputs, inputs) {
      guard let node = built.inputs[port.name], plan.reads(node) else { continue }
      try plan.setInput(node, Tensor(tensor.shape, tensor.scalars))
    }
    try plan.run()
    for (port, wanted) in zip(model.outputs, expected) {
      switch built.outputs[port.name] {
      case nil: return "\(port.name) is missing"
      case .known(let shape, let scalars):
        if let problem = difference(port.name, shape, scalars, wanted, tolerance) {
          return problem
        }
      case .node(let node):
        let made = try plan.output(node)
        if let problem = difference(port.name, made.shape, made.scalars, wanted, tolerance) {
          return problem
        }
      }
    }
    return nil
  }

  private func difference(
    _ name: String, _ shape: Shape, _ scalars: [Float], _ wanted: ONNXTensor,
    _ tolerance: Tolerance
  ) -> String? {
    if shape != wanted.shape { return "\(name) is \(shape) instead of \(wanted.shape)" }
    for (index, (value, right)) in zip(scalars, wanted.scalars).enumerated() {
      if value == right || value.isNaN && right.isNaN { continue }
      if !(abs(value - right) <= tolerance.absolute + tolerance.relative * abs(right)) {
        return "\(name)[\(index)] is \(value) instead of \(right)"
      }
    }
    return nil
  }
}

extension ONNXElement {
  fileprivate var isFloatingPoint: Bool {
    [.float16, .float32, .float64, .bfloat16].contains(self)
  }
}
