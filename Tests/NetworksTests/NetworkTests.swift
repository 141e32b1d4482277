import Graphs
import Networks
import Tensors
import Testing

/// SPEC's network of seventeen lines.
func smallNetwork(input: Shape) -> Network {
  Network(input: input) {
    Conv2D(32, 3, activation: .relu)
    MaxPool2D(2)
    Conv2D(64, 3, activation: .relu)
    MaxPool2D(2)
    Conv2D(64, 3, activation: .relu)
    Flatten()
    Dense(64, activation: .relu)
    Dense(10, activation: .softmax)
  }
}

@Suite struct NetworkTests {
  @Test func shapesAndParametersOfEachLayer() throws {
    let summary = try smallNetwork(input: [28, 28, 1]).summary()
    #expect(
      summary.layers.map(\.output) == [
        [26, 26, 32], [13, 13, 32], [11, 11, 64], [5, 5, 64], [3, 3, 64], [576], [64], [10],
      ])
    #expect(summary.layers.map(\.parameters) == [320, 0, 18496, 0, 36928, 0, 36928, 650])
    #expect(summary.parameters == 93_322)
    #expect(
      summary.layers.map(\.name) == [
        "conv1", "pool1", "conv2", "pool2", "conv3", "flatten1", "dense1", "dense2",
      ])
    #expect(try smallNetwork(input: [32, 32, 3]).summary().parameters == 122_570)
  }

  @Test func multiplyAddsAreOutputsTimesTerms() throws {
    let summary = try smallNetwork(input: [28, 28, 1]).summary()
    #expect(summary.layers[0].multiplyAdds == 26 * 26 * 32 * 9)
    #expect(summary.layers[2].multiplyAdds == 11 * 11 * 64 * 32 * 9)
    #expect(summary.layers[6].multiplyAdds == 576 * 64)
    #expect(summary.multiplyAdds == summary.layers.map(\.multiplyAdds).reduce(0, +))
  }

  @Test func theTableShowsLayersAndTotals() throws {
    let network = Network(input: [4, 4, 1]) {
      Conv2D(1000, 3)
      BatchNorm(activation: .relu)
    }
    #expect(
      try network.summary().table == """
        name   layer              output  parameters  multiply-adds
        ───────────────────────────────────────────────────────────
               input               4×4×1
        conv1  Conv2D(1000, 3)  2×2×1000      10,000         36,000
        norm1  BatchNorm()      2×2×1000       2,000              0
        ───────────────────────────────────────────────────────────
        total                                 12,000         36,000
        Non-trainable parameters: 2,000 (running statistics, fixed filters).

        """)
  }

  @Test func parametersAreNamedByPath() throws {
    let graph = Graph()
    let network = Network(input: [8, 8, 3]) {
      Conv2D(4, 3).named("stem")
      Sequential(naming: .byIndex) {
        Conv2D(4, 3, padding: .same, bias: false)
        BatchNorm()
      }.named("features")
    }
    _ = try network.build(on: graph, batch: 2, mode: .inference)
    #expect(
      graph.variables.map(\.name) == [
        "stem.weight", "stem.bias", "features.0.weight", "features.1.weight", "features.1.bias",
        "features.1.running_mean", "features.1.running_var",
      ])
  }

  @Test func lossesTakeLogitsOfANetworkThatEndsInSoftmax() throws {
    let graph = Graph()
    let network = smallNetwork(input: [28, 28, 1])
    let training = try network.build(on: graph, batch: 2, mode: .training)
    #expect(training.outputActivation == .softmax)
    #expect(training.logits != training.output)
    #expect(try training.output == training.logits.applying(Softmax(axis: 1)))
    #expect(try training.probabilities() == training.output)

    let plain = Network(input: [4]) { Dense(3) }
    let built = try plain.build(on: Graph(), batch: 2, mode: .inference)
    #expect(built.logits == built.output)
    #expect(try built.probabilities() != built.output)
  }

  @Test func aNetworkBuiltTwiceSharesItsWeights() throws {
    let graph = Graph()
    let network = smallNetwork(input: [28, 28, 1])
    let training = try network.build(
      on: graph.input("train", network.inputShape.batched(4)), mode: .training)
    let count = graph.variables.count
    let validation = try network.build(
      on: graph.input("validate", network.inputShape.batched(8)), mode: .inference)
    #expect(graph.variables.count == count)
    #expect(training.parameters == validation.parameters)
    _ = try network.build(
      on: graph.input("x", network.inputShape.batched(4)), mode: .inference, scope: "copy")
    #expect(graph.variables.count == 2 * count)
    #expect(graph.variables[count].name == "copy.conv1.weight")
  }

  @Test func layerOutputsAreFoundByPath() throws {
    let built = try smallNetwork(input: [28, 28, 1]).build(on: Graph(), batch: 2, mode: .inference)
    #expect(built.output(of: "conv2")?.shape == [2, 64, 11, 11])
    #expect(built.output(of: "conv9") == nil)
  }

  @Test func layersInsideBlocksAreReplaced() throws {
    let network = Network(input: [4]) {
      Dropout(0.1)
      Residual {
        Sequential { Dropout(0.1) }
      } shortcut: {
        Networks.Concatenate { Dropout(0.1) }
      }
    }
    let json = try network.json()
    #expect(json.split(separator: "0.1").count == 4)
    #expect(try network.withDropout(0.5).json() == json.replacing("0.1", with: "0.5"))
  }
}
