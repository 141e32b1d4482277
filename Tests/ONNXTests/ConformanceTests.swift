import Datasets
import Engine
import Foundation
import Graphs
import Images
import ModelFiles
import Networks
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
      let name = place.lastPathComponent
      let tolerance = name == Self.coarse ? NodeCase.Tolerance(absolute: 5e-5) : .init()
      let problem: String?
      do { problem = try NodeCase(place).failure(tolerance) } catch { problem = "\(error)" }
      #expect(problem == nil, "\(name)")
    }
  }

  /// Operators that are not read: losses, and what no image network has.
  static let unread: Set = [
    "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Det",
    "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss",
  ]

  /// Of these the expected numbers overflow, -236 to 20, where the operator's definition cuts them off, as
  /// onnxruntime does.
  static let wrapped: Set = [
    "test_qlinearmatmul_2D_int8_float32", "test_qlinearmatmul_3D_int8_float16",
    "test_qlinearmatmul_3D_int8_float32",
  ]

  /// Expected numbers of `RoiAlign` and cubic `GridSample` were written down with four decimals.
  @Test func furtherNodes() throws {
    let folder = try Cases.unpack("onnx/node-more.tar.gz")
    let cases = folder.files("model.onnx").map { $0.deletingLastPathComponent() }
    #expect(cases.count >= 204)
    var passed = 0
    for place in cases where !Self.wrapped.contains(place.lastPathComponent) {
      let name = place.lastPathComponent
      let isCoarse = ["roialign", "gridsample_bicubic"].contains { name.contains($0) }
      let tolerance = NodeCase.Tolerance(absolute: isCoarse ? 6e-5 : 1e-5)
      var problem: String?
      do { problem = try NodeCase(place).failure(tolerance) } catch { problem = "\(error)" }
      let isUnread = Self.unread.contains { problem?.contains("the operator \($0) ") ?? false }
      // What the case gives and takes are lists of tensors.
      let isSequence = problem?.hasSuffix("is no tensor") ?? false
      if isUnread || isSequence { continue }
      #expect(problem == nil, "\(name)")
      passed += problem == nil ? 1 : 0
    }
    #expect(passed >= 160)
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

extension ConformanceTests {
  /// A network that was trained elsewhere gives the logits that it gives there.
  @Test func trainedNetwork() throws {
    let folder = try #require(Cases.folder).appending(path: "weights")
    let pictures = try Cases.unpack("weights/logits100-images.tar.gz")
    let model = try ONNXModel(path: folder.appending(path: "resnet20-12fca82f.onnx").path)
    let table = try Data(contentsOf: folder.appending(path: "resnet20-12fca82f.logits100.npy"))
    // 100 × 10 little-endian floats are the file's end.
    let wanted = table.suffix(4000).withUnsafeBytes { bytes in
      (0..<1000).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    let form = Preprocessing(
      width: 32, height: 32, channels: 3, mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225])
    let files = pictures.files(".jpg")
    #expect(files.count == 100)
    let values = try files.flatMap { file in
      let image = try Image(path: file.path)
      return try [Float](unsafeUninitializedCapacity: form.elementCount) { buffer, count in
        try form.write(image, to: buffer)
        count = form.elementCount
      }
    }
    let parts = try model.network()
    let variables = VariableStore()
    for (name, value) in parts.values { variables.provide(value, for: name) }
    let graph = Graph()
    let built = try parts.network.build(on: graph, batch: 100, mode: .inference)
    let plan = try Plan(graph, outputs: [built.logits], variables: variables)
    try plan.setInput(built.input, Tensor([100, 3, 32, 32], values))
    try plan.run()
    let logits = try plan.output(built.logits)
    #expect(logits.shape == [100, 10])
    let distance = zip(logits.scalars, wanted).map { abs($0 - $1) }.max() ?? .infinity
    #expect(distance <= 1e-3)
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
