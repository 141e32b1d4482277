import Engine
import Foundation
import Graphs
import Networks
import ONNX
import Tensors

/// What `vision export` makes of a small network.
func exportedNetwork() throws -> [UInt8] {
  let network = Network(input: [8, 8, 1]) {
    Conv2D(2, 3, padding: .same)
    BatchNorm()
    ActivationLayer(.relu)
    MaxPool2D(2)
    Flatten()
    Dense(3, activation: .softmax)
  }
  let graph = Graph()
  let built = try network.build(on: graph, batch: 61, mode: .inference)
  let store = VariableStore()
  try store.initialize(graph.variables, random: RandomSource(seed: 1))
  return try ONNXExport(name: "seed", batch: 61, outputs: [("y", built.output)]) {
    store[$0]
  }.bytes()
}

/// ONNX's cases of single operators, `NAME/model.onnx` with `NAME/test_data_set_0/input_0.pb` and so
/// on: each with all inputs but the first, and with all, as initializers within.
func operatorCases(below folder: String) -> [[UInt8]] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.sorted().flatMap { name -> [[UInt8]] in
    let place = "\(folder)/\(name)"
    guard let model = FileManager.default.contents(atPath: "\(place)/model.onnx") else { return [] }
    let inputs = (0..<8).compactMap { index in
      FileManager.default.contents(atPath: "\(place)/test_data_set_0/input_\(index).pb")
    }
    return [inputs.dropFirst(), inputs[...]].map { inputs in
      // Messages one behind the other are one; field 5 of a model's field 7 are initializers.
      let initializers = inputs.flatMap { field(5, Array($0)) }
      return Array(model) + field(7, initializers)
    }.filter { $0.count < 1 << 12 }
  }
}

/// A field of a protocol buffer that holds bytes.
private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
  var (count, rest) = ([UInt8](), bytes.count)
  while rest > 0x7F {
    count.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  return [number << 3 | 2] + count + [UInt8(rest)] + bytes
}
