import Engine
import FoundationEssentials
import Graphs
import Networks
import ONNX
import Tensors
import TestSupport
import Testing

/// Networks of ours written as ONNX files and read again.
@Suite struct NetworkTests {
  private func values(of network: Network) throws -> VariableStore {
    let graph = Graph()
    _ = try network.build(on: graph, batch: 1, mode: .inference)
    let store = VariableStore()
    try store.initialize(graph.variables, random: RandomSource(seed: 7))
    // Statistics that differ from 0 and 1.
    for variable in graph.variables where !variable.isTrainable {
      var random = RandomSource(seed: 9).split(variable.name)
      store[variable.name] = Tensor(
        variable.shape, (0..<variable.shape.count).map { _ in 0.5 + random.uniform() })
    }
    return store
  }

  private func output(
    _ network: Network, _ input: Tensor, _ store: VariableStore, logits: Bool = false
  ) throws -> Tensor {
    let graph = Graph()
    let built = try network.build(on: graph, batch: input.shape[0], mode: .inference)
    let node = logits ? built.logits : built.output
    let plan = try Plan(
      graph, outputs: [node], variables: store, options: PlanOptions(threads: 1))
    try plan.setInput(built.input, input)
    try plan.run()
    return try plan.output(node)
  }

  private func random(_ shape: Shape) -> Tensor {
    var random = RandomSource(seed: 3)
    return Tensor(shape, (0..<shape.count).map { _ in random.uniform() * 2 - 1 })
  }

  private func isClose(_ a: Tensor, _ b: Tensor) -> Bool {
    a.shape == b.shape
      && zip(a.scalars, b.scalars).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-5 * abs($1) }
  }

  /// Layers of every kind that an image classifier or a generator has.
  static let networks: [Network] = [
    Network(input: [16, 16, 3]) {
      Conv2D(8, 3, padding: .same)
      BatchNorm(activation: .relu)
      MaxPool2D(2)
      Conv2D(8, 3, padding: .same, groups: 4, activation: .relu6)
      Residual { Conv2D(8, 3, padding: .same, activation: .swish) }
      AveragePool2D(2)
      Conv2D(6, 3, padding: .same, activation: .gelu)
      Upsample2D(2)
      GlobalAveragePool()
      Dense(10, activation: .softmax)
    },
    Network(input: [9, 7, 1]) {
      Rescaling(1 / 255)
      Conv2D(5, 3, activation: .prelu)
      Conv2D(6, 2, strides: 2, activation: .maxout(pieces: 2))
      Flatten()
      LayerNorm()
      Dense(7, activation: .elu(alpha: 0.5))
      Dense(3)
    },
    Network(input: [20]) {
      Dense(2 * 2 * 8)
      Reshape([2, 2, 8])
      BatchNorm(activation: .relu)
      Conv2DTranspose(4, 4, strides: 2, padding: .explicit(1), activation: .leakyReLU(slope: 0.2))
      Conv2DTranspose(3, 4, strides: 2, padding: .explicit(1), activation: .tanh)
    },
    Network(input: [8, 12, 4]) {
      Residual {
        PixelUnshuffle(2)
        Conv2D(27, 3, padding: .same)
        PixelShuffle(3)
        PixelUnshuffle(3)
        Conv2D(48, 3, padding: .same)
        PixelShuffle(4)
      } shortcut: {
        FirstChannels(3)
        BicubicUpsample2D(2)
      }
    },
  ]

  @Test(arguments: networks.indices)
  func roundTrip(_ index: Int) throws {
    let network = Self.networks[index]
    let store = try values(of: network)
    let built = try network.build(on: Graph(), batch: 61, mode: .inference)
    let export = try ONNXExport(
      name: "test", batch: 61, outputs: [("y", built.output)], metadata: ["a": "b"]
    ) { store[$0] }
    let model = try ONNXModel(bytes: export.bytes())
    #expect(model.metadata == ["a": "b"] && model.opset == ONNXExport.opset)
    for batch in [1, 5] {
      let x = random(network.inputShape.batched(batch))
      let expected = try output(network, x, store)
      #expect(isClose(try model.output(of: ["input": x]), expected), "batch \(batch)")

      // And as a layer among layers of ours, also after it was written as JSON.
      let parts = try model.network()
      #expect(parts.network.inputShape == network.inputShape)
      let again = try Network(json: parts.network.json(), additionalTypes: [ONNXNetwork.self])
      let own = VariableStore()
      for (name, value) in parts.values { own.provide(value, for: name) }
      #expect(isClose(try output(parts.network, x, own), expected))
      #expect(isClose(try output(again, x, own), expected))
    }
  }

  /// The last dense layer is a layer of its own, so that it can be replaced, and the logits are known.
  @Test func headIsALayer() throws {
    let network = Self.networks[0]
    let store = try values(of: network)
    let built = try network.build(on: Graph(), batch: 61, mode: .inference)
    let export = try ONNXExport(name: "", batch: 61, outputs: [("y", built.output)]) { store[$0] }
    let parts = try ONNXModel(bytes: export.bytes()).network()
    try #require(parts.network.layers.map(\.name) == ["onnx", "dense1", "softmax"])
    #expect(parts.network.layers[1].layer is Dense)
    let x = random([2, 3, 16, 16])
    let own = VariableStore()
    for (name, value) in parts.values { own.provide(value, for: name) }
    #expect(
      isClose(
        try output(parts.network, x, own, logits: true),
        try output(network, x, store, logits: true)))
    let summary = try parts.network.summary()
    let original = try network.summary()
    #expect(summary.parameters == original.parameters && summary.buffers == original.buffers)
    #expect(summary.multiplyAdds == original.multiplyAdds)
  }

  /// PyTorch's DCGAN takes N × latent × 1 × 1: latents, not pictures of one channel.
  @Test func latentsOfOnePlace() throws {
    var file = FileBuilder()
    file.input("z", [0, 5, 1, 1])
    file.weight("w", [5, 3, 2, 2], (0..<60).map { Float($0) / 60 })
    file.node("ConvTranspose", ["z", "w"], ["y"])
    file.output("y", [0, 3, 2, 2])
    let parts = try file.model().network()
    #expect(parts.network.inputShape == [5])
    let own = VariableStore()
    for (name, value) in parts.values { own.provide(value, for: name) }
    let latents = Tensor([2, 5], [1, 0, 0, 0, 0, 0, 0, 0, 0, 2])
    let y = try output(parts.network, latents, own)
    #expect(y.shape == [2, 3, 2, 2])
    #expect(zip(y.scalars, (0..<12).map { Float($0) / 60 }).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(
      zip(y.scalars[12...], (48..<60).map { Float($0) / 30 }).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// A file made for a batch of one serves any batch.
  @Test func batchOfOne() throws {
    var file = FileBuilder()
    file.input("x", [1, 2, 2, 2])
    file.integers("s", [1, -1])
    file.weight("w", [3, 8], (0..<24).map { Float($0) })
    file.node("Relu", ["x"], ["r"])
    file.node("Reshape", ["r", "s"], ["f"])
    file.node("Gemm", ["f", "w"], ["y"], [FileBuilder.integer("transB", 1)])
    file.output("y", [1, 3])
    let parts = try file.model().network()
    let own = VariableStore()
    for (name, value) in parts.values { own.provide(value, for: name) }
    let x = random([4, 2, 2, 2])
    let all = try output(parts.network, x, own)
    #expect(all.shape == [4, 3])
    for row in 0..<4 {
      let one = Tensor([1, 2, 2, 2], Array(x.scalars[row * 8..<row * 8 + 8]))
      let y = try output(parts.network, one, own)
      #expect(zip(y.scalars, all.scalars[row * 3..<row * 3 + 3]).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  /// A conditional generator keeps its inputs and their names.
  @Test func severalInputs() throws {
    let network = Network(inputs: [NetworkInput("latent", [5]), NetworkInput("class", [3])]) {
      ConcatenateInput("class")
      Dense(2 * 2 * 4)
      Reshape([2, 2, 4])
      ConcatenateInput("class")
      Conv2DTranspose(1, 4, strides: 2, padding: .explicit(1), activation: .tanh)
    }
    let store = try values(of: network)
    let built = try network.build(on: Graph(), batch: 61, mode: .inference)
    let export = try ONNXExport(name: "", batch: 61, outputs: [("y", built.output)]) { store[$0] }
    let model = try ONNXModel(bytes: export.bytes())
    #expect(model.inputs.map(\.name) == ["latent", "class"])
    let parts = try model.network()
    #expect(parts.network.inputs == network.inputs)
    let again = try Network(json: parts.network.json(), additionalTypes: [ONNXNetwork.self])
    let own = VariableStore()
    for (name, value) in parts.values { own.provide(value, for: name) }
    let given = [random([2, 5]), random([2, 3])]
    func run(_ network: Network, _ store: VariableStore) throws -> Tensor {
      let built = try network.build(on: Graph(), batch: 2, mode: .inference)
      let plan = try Plan(
        built.output.graph, outputs: [built.output], variables: store,
        options: PlanOptions(threads: 1))
      for (node, value) in zip(built.inputs, given) { try plan.setInput(node, value) }
      try plan.run()
      return try plan.output(built.output)
    }
    #expect(isClose(try run(again, own), try run(network, store)))
  }

  @Test func whatCannotBeWrittenIsNamed() throws {
    let graph = Graph()
    let x = try graph.input("x", [61, 4])
    let y = try x * graph.apply(DropoutMask(keepProbability: 0.5, shape: [61, 4]), [])[0]
    do {
      _ = try ONNXExport(name: "", batch: 61, outputs: [("y", y)]) { _ in nil }
      Issue.record("a random mask was written")
    } catch {
      #expect("\(error)".contains("DropoutMask"))
    }
  }
}
