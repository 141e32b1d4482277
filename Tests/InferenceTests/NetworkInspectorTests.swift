import Datasets
import Engine
import Graphs
import Images
import Inference
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct NetworkInspectorTests {
  private let folder = TemporaryFolder()

  private func model(_ file: ModelFile) throws -> Classifier {
    let path = folder.path + "/model.safetensors"
    try file.write(to: path)
    return try Classifier(path: path)
  }

  /// Left half red, right half blue, as large as the input.
  private let halves = Image(
    layout: PixelLayout(width: 8, height: 8, channels: 3),
    bytes: (0..<64).flatMap { $0 % 8 < 4 ? [255, 0, 0] as [UInt8] : [0, 0, 255] })

  /// The logit of red is 4 × the mean of its channel, so α = 4/64, and the map is α where the picture is
  /// red and 0 where it is not.
  @Test func theMapShowsWhereTheColorIs() throws {
    let view = try NetworkInspector(model(ColorClassifier.file()))
    #expect(view.layers.map(\.path) == ["conv1"])
    #expect(view.targetLayer == view.layers[0])
    try view.run(on: halves)
    #expect(
      isClose(
        try view.features(of: view.targetLayer),
        (0..<128).map { ($0 % 8 < 4) == ($0 < 64) ? 1 : 0 }))
    let red = (0..<64).map { $0 % 8 < 4 ? Float(4) / 64 : 0 }
    #expect(isClose(try view.gradCAM(for: 0), red))
    #expect(isClose(try view.gradCAM(for: 1), red.map { 4.0 / 64 - $0 }))
    #expect(throws: InferenceError.self) { try view.gradCAM(for: 2) }
  }

  /// αₖ, the mean of the derivative over all places, is the derivative by channel k's bias divided by
  /// the number of places: compared with the difference quotient of the logit.
  @Test(arguments: [0, 1, 2])
  func weightsEqualDifferenceQuotients(index: Int) throws {
    let network = Network(input: [9, 9, 3]) {
      Conv2D(4, 3)
      BatchNorm(activation: .tanh)
      Conv2D(6, 3, activation: .relu)
      MaxPool2D(2)
      Flatten()
      Dense(3)
    }
    let model = try model(file(of: network))
    let picture = Image(
      layout: PixelLayout(width: 9, height: 9, channels: 3),
      bytes: (0..<243).map { UInt8(truncatingIfNeeded: $0 * 89 + $0 / 7 * 31) })
    let view = try NetworkInspector(model, layer: "conv1")
    try view.run(on: picture)
    let layer = view.targetLayer
    #expect(layer.channels == 4 && layer.height == 7 && layer.width == 7)
    let features = try view.features(of: layer)

    let bias = try #require(model.variables["conv1.bias"])
    func logit(raising channel: Int, by change: Float) throws -> Double {
      var values = bias.withUnsafeBufferPointer { Array($0) }
      values[channel] += change
      model.variables["conv1.bias"] = Tensor(bias.shape, values)
      let input = try #require(model.card.preprocessing)
      return try model.predictor(batchSize: 1).logits {
        try? input.write(picture, to: $0)
      } _: { _, logits in
        Double(logits[index])
      }
    }
    var expected = [Double](repeating: 0, count: 49)
    for channel in 0..<4 {
      let step: Float = 1 / 256
      let slope =
        try (logit(raising: channel, by: step) - logit(raising: channel, by: -step))
        / Double(2 * step)
      for place in 0..<49 {
        expected[place] += slope / 49 * Double(features[channel * 49 + place])
      }
    }
    model.variables["conv1.bias"] = bias
    let map = try view.gradCAM(for: index)
    let largest = expected.map(abs).max() ?? 0
    #expect(largest > 0)
    for (value, expected) in zip(map, expected) {
      #expect(abs(Double(value) - max(expected, 0)) < 0.02 * largest)
    }
  }

  @Test func anotherLayerIsRefusedByName() throws {
    let model = try model(ColorClassifier.file())
    #expect(
      throws: InferenceError.invalid(
        "the network has no layer dense1 whose output is an image; it has conv1")
    ) {
      try NetworkInspector(model, layer: "dense1")
    }
  }

  @Test func theFirstLayerKernelsAreFound() throws {
    let kernels = try FirstLayerKernels(model(ColorClassifier.file()))
    #expect(kernels.layer == "conv1")
    #expect(kernels.weights.shape == [2, 3, 3, 3])
    let flat = Network(input: [4, 4, 1]) {
      Flatten()
      Dense(2)
    }
    let other = try model(file(of: flat))
    #expect(throws: InferenceError.self) { try FirstLayerKernels(other) }
    #expect(throws: InferenceError.self) { try NetworkInspector(other) }
  }

  private func isClose(_ values: [Float], _ expected: [Float]) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  /// A classifier of drawn weights.
  private func file(of network: Network) throws -> ModelFile {
    let graph = Graph()
    let logits = try network.build(on: graph, batch: 1, mode: .inference).logits
    let store = VariableStore()
    try store.initialize(graph.variables, random: RandomSource(seed: 7))
    var tensors = TensorTable()
    for name in store.names { tensors[name] = store[name] }
    let (height, width) = (network.inputShape[0], network.inputShape[1])
    let channels = network.inputShape[2]
    return ModelFile(
      tensors: tensors, architecture: try network.json(),
      card: ModelCard(
        name: "drawn", classNames: (0..<logits.shape[1]).map { "\($0)" },
        preprocessing: Preprocessing(
          width: width, height: height, channels: channels,
          mean: Array(repeating: 0.5, count: channels),
          std: Array(repeating: 0.25, count: channels))))
  }
}
