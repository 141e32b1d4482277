import Engine
import Graphs
import Networks
import ONNX
import Tensors
import TestSupport
import Testing

/// Networks from elsewhere that learn other classes.
@Suite struct TransferTests {
  private func store(_ values: [String: LazyTensor]) -> VariableStore {
    let store = VariableStore()
    for (name, value) in values { store.provide(value, for: name) }
    return store
  }

  private func random(_ shape: Shape, seed: UInt64 = 3) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(shape, (0..<shape.count).map { _ in random.uniform() * 2 - 1 })
  }

  private func output(
    _ network: Network, _ input: Tensor, _ store: VariableStore, mode: Mode = .inference
  ) throws -> Tensor {
    let graph = Graph()
    let built = try network.build(on: graph, batch: input.shape[0], mode: mode)
    let plan = try Plan(
      graph, outputs: [built.output], variables: store, random: RandomSource(seed: 1),
      options: PlanOptions(threads: 1))
    try plan.setInput(built.input, input)
    try plan.run()
    return try plan.output(built.output)
  }

  private func isClose(_ a: Tensor, _ b: Tensor) -> Bool {
    a.shape == b.shape
      && zip(a.scalars, b.scalars).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-5 * abs($1) }
  }

  // MARK: - Heads

  /// What classifiers of 4 features and 3 classes end in, after a convolution to `c`.
  enum End: CaseIterable {
    case gemm, gemmInFirst, product, sum, factor, pooledConvolution, convolutionOfPooled
  }

  private func file(_ end: End) -> FileBuilder {
    var file = FileBuilder()
    file.input("x", [0, 2, 5, 5])
    file.weight("w", [4, 2, 3, 3], random([4, 2, 3, 3]).scalars)
    file.weight("fc.bias", [3], [1, 2, 3])
    let isOutFirst = ![End.gemmInFirst, .product, .sum].contains(end)
    let isConvolution = [End.pooledConvolution, .convolutionOfPooled].contains(end)
    let dims = isConvolution ? [3, 4, 1, 1] : isOutFirst ? [3, 4] : [4, 3]
    file.weight("fc.weight", dims, random([12], seed: 5).scalars)
    file.node("Conv", ["x", "w"], ["c"])
    if end != .pooledConvolution { file.node("GlobalAveragePool", ["c"], ["p"]) }
    if !isConvolution { file.node("Flatten", ["p"], ["f"]) }
    let transposed = [FileBuilder.integer("transB", 1)]
    switch end {
    case .gemm:
      file.node("Gemm", ["f", "fc.weight", "fc.bias"], ["g"], transposed)
      file.node("Softmax", ["g"], ["y"])
    case .gemmInFirst: file.node("Gemm", ["f", "fc.weight", "fc.bias"], ["y"])
    case .product: file.node("MatMul", ["f", "fc.weight"], ["y"])
    case .sum:
      file.node("MatMul", ["f", "fc.weight"], ["m"])
      file.node("Add", ["fc.bias", "m"], ["y"])
    case .factor:
      file.node("Gemm", ["f", "fc.weight"], ["g"], transposed)
      file.weight("half", [], [0.5])
      file.node("Mul", ["g", "half"], ["h"])
      file.node("Identity", ["h"], ["i"])
      file.node("Softmax", ["i"], ["y"])
    case .pooledConvolution:
      file.node("Conv", ["c", "fc.weight", "fc.bias"], ["d"])
      file.node("Relu", ["d"], ["r"])
      file.node("GlobalAveragePool", ["r"], ["p"])
      file.node("Flatten", ["p"], ["y"])
    case .convolutionOfPooled:
      file.node("Conv", ["p", "fc.weight", "fc.bias"], ["d"])
      file.node("Flatten", ["d"], ["y"])
    }
    file.output("y", [0, 3])
    return file
  }

  @Test(arguments: End.allCases) func headIsFound(_ end: End) throws {
    let model = try file(end).model()
    let parts = try model.network()
    let x = random([2, 2, 5, 5])
    let expected = try model.output(of: ["x": x])
    #expect(isClose(try output(parts.network, x, store(parts.values)), expected))
    #expect(parts.network.backboneCount == 1)
    let other = try parts.network.withClasses(7)
    let graph = Graph()
    #expect(try other.build(on: graph, batch: 2, mode: .inference).output.shape == [2, 7])
    // All that lies before the head keeps its name and shape.
    #expect(graph.variables.first?.name == "onnx.w")
    #expect(graph.variables.count == (end == .product || end == .factor ? 2 : 3))
  }

  @Test func whatEndsInNoHeadIsNamed() throws {
    var file = FileBuilder()
    file.input("x", [0, 2, 5, 5])
    file.weight("w", [4, 2, 3, 3], random([4, 2, 3, 3]).scalars)
    file.node("Conv", ["x", "w"], ["c"])
    file.node("Elu", ["c"], ["y"], name: "last one")
    file.output("y", [0, 4, 3, 3])
    let network = try file.model().network().network
    #expect(network.backboneCount == nil)
    #expect { try network.withClasses(2) } throws: { "\($0)".contains("Elu (last one)") }
    // Features that somebody else reads cannot go with the head.
    var shared = self.file(.gemm)
    shared.outputs = []
    shared.node("Add", ["y", "g"], ["z"])
    shared.output("z", [0, 3])
    #expect(try shared.model().network().network.backboneCount == nil)
  }

  // MARK: - Training

  /// A block with normalization and a shortcut, as ours and as an ONNX file says it.
  private func block() throws -> (own: Network, store: VariableStore, other: ONNXModel.AsNetwork) {
    let own = Network(input: [6, 6, 3]) {
      Conv2D(4, 3, padding: .same, bias: false)
      BatchNorm(activation: .relu)
      Residual {
        Conv2D(4, 3, padding: .same, bias: false)
        BatchNorm()
      }
      GlobalAveragePool()
      Dense(3)
    }
    let graph = Graph()
    let built = try own.build(on: graph, batch: 61, mode: .inference)
    let store = VariableStore()
    try store.initialize(graph.variables, random: RandomSource(seed: 7))
    for variable in graph.variables where variable.shape.rank == 1 {
      let values = random(variable.shape, seed: UInt64(variable.name.utf8.count))
      store[variable.name] = Tensor(variable.shape, values.scalars.map { 1.5 + $0 })
    }
    let export = try ONNXExport(name: "", batch: 61, outputs: [("y", built.output)]) { store[$0] }
    return (own, store, try ONNXModel(bytes: export.bytes()).network())
  }

  /// In training it normalizes by the batch and keeps the statistics as our own network does.
  @Test func trainsAsOurOwnNetwork() throws {
    let (own, store, other) = try block()
    let otherStore = self.store(other.values)
    let x = random([5, 3, 6, 6])
    let before = try #require(otherStore["onnx.norm1.running_mean"])
    let expected = try output(own, x, store, mode: .training)
    #expect(isClose(try output(other.network, x, otherStore, mode: .training), expected))
    let after = try #require(otherStore["onnx.norm1.running_mean"])
    #expect(!isClose(after, before))
    for name in ["norm1", "residual1.norm1"] {
      for part in ["running_mean", "running_var"] {
        let kept = try #require(otherStore["onnx.\(name).\(part)"])
        #expect(isClose(kept, try #require(store["\(name).\(part)"])), "\(name).\(part)")
      }
    }
    #expect(!isClose(try output(own, x, store), expected))
  }

  @Test func gradientsReachAllParameters() throws {
    let network = try block().other.network
    let graph = Graph()
    let built = try network.build(on: graph, batch: 5, mode: .training)
    let names = built.parameters.compactMap { node -> String? in
      if case .variable(let variable) = graph.vertices[node.id.vertex].kind {
        variable.name
      } else {
        nil
      }
    }
    #expect(
      names == [
        "onnx.conv1.weight", "onnx.norm1.weight", "onnx.norm1.bias", "onnx.residual1.conv1.weight",
        "onnx.residual1.norm1.weight", "onnx.residual1.norm1.bias", "dense1.weight", "dense1.bias",
      ])
    let targets = try graph.input("targets", built.logits.shape)
    let loss = try Loss.crossEntropy(labelSmoothing: 0)(built.logits, targets)
    let gradients = try graph.gradients(of: loss, withRespectTo: built.parameters)
    let plan = try Plan(
      graph, outputs: gradients, assignments: .none, variables: store(block().other.values),
      options: PlanOptions(threads: 1))
    try plan.setInput(built.input, random([5, 3, 6, 6]))
    try plan.setInput(
      targets, Tensor([5, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0]))
    try plan.run()
    for (name, gradient) in zip(names, gradients) {
      let largest = try plan.output(gradient).scalars.map { abs($0) }.max() ?? 0
      #expect(largest > 1e-6 && largest.isFinite, "\(name)")
    }
  }

  /// Half of the numbers are dropped in training, the others doubled; none when asked.
  @Test func dropoutDropsInTraining() throws {
    var file = FileBuilder()
    file.input("x", [0, 1000])
    file.node("Dropout", ["x"], ["y", "mask"])
    file.output("y", [0, 1000])
    let network = try file.model().network().network
    let x = Tensor([2, 1000], repeating: 1)
    #expect(try output(network, x, VariableStore()) == x)
    let dropped = try output(network, x, VariableStore(), mode: .training).scalars
    #expect(Set(dropped) == [0, 2])
    #expect((800...1200).contains(dropped.count { $0 == 0 }))
  }

  /// Of equal vectors PyTorch writes one: here scale, shift, mean and variance of two normalizations.
  @Test func equalVectorsThatWereWrittenOnce() throws {
    var file = FileBuilder()
    file.input("x", [0, 2, 4, 4])
    file.weight("ones", [2], [1, 1])
    file.weight("zeros", [2], [0, 0])
    for (name, source) in [("mean", "zeros"), ("scale", "ones"), ("var", "ones")] {
      file.node("Identity", [source], [name])
    }
    file.node("BatchNormalization", ["x", "ones", "zeros", "mean", "var"], ["a"])
    // And without names of their own.
    file.node("BatchNormalization", ["a", "scale", "zeros", "zeros", "ones"], ["y"])
    file.output("y", [0, 2, 4, 4])
    let parts = try file.model().network()
    let graph = Graph()
    let built = try parts.network.build(on: graph, batch: 4, mode: .training)
    #expect(graph.assignments.count == 2)
    #expect(
      Set(graph.variables.map(\.name))
        == Set(["ones", "zeros", "mean", "scale", "var"].map { "onnx." + $0 }))
    #expect(built.parameters.count == 3)
    let x = random([4, 2, 4, 4])
    let asked = try output(parts.network, x, store(parts.values))
    #expect(zip(asked.scalars, x.scalars).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(!isClose(try output(parts.network, x, store(parts.values), mode: .training), asked))
  }
}
