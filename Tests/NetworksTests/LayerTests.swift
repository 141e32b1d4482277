import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct LayerTests {
  /// Each layer against PyTorch's, with PyTorch's weights.
  @Test func asInPyTorch() throws {
    let uneven = EdgePadding(top: 1, left: 0, bottom: 1, right: 0)
    try expect("conv1d", Conv1D(6, 3, stride: 2, padding: .explicit(2), dilation: 2, groups: 2))
    try expect("conv1d-same", Conv1D(3, 4, padding: .same))
    try expect(
      "conv2d",
      Conv2D(
        4, Size2D(height: 3, width: 2), strides: Size2D(height: 2, width: 1),
        padding: .explicit(uneven)))
    try expect(
      "conv2d-same",
      Conv2D(
        3, Size2D(height: 4, width: 3), padding: .same, dilation: Size2D(height: 1, width: 2)))
    try expect("conv2d-same-stride", Conv2D(3, 3, strides: 2, padding: .same))
    try expect("depthwise", Conv2D(8, 3, padding: .same, groups: 4, bias: false))
    try expect("deconv", Conv2DTranspose(2, 4, strides: 2, padding: .explicit(1)))
    try expect("deconv", Conv2DTranspose(2, 4, strides: 2, padding: .same))
    try expect("deconv-valid", Conv2DTranspose(4, 3, strides: 2, dilation: 2))
    try expect("deconv-same", Conv2DTranspose(4, 3, strides: 2, padding: .same, groups: 2))
    try expect("dense", Dense(3))
    try expect("layernorm", LayerNorm())
    try expect("prelu", ActivationLayer(.prelu))
    try expect("maxout", ActivationLayer(.maxout(pieces: 2)))
    try expect("maxpool", MaxPool2D(3, strides: 2, padding: .explicit(1)))
    try expect("avgpool", AveragePool2D(3, strides: 2, padding: .explicit(1)))
    try expect("upsample", Upsample2D(2, mode: .bilinear))
    try expect("subsample", ZeroPaddedShortcut(8, stride: 2))
    try expect("adaptive-larger", AdaptiveAveragePool2D(Size2D(height: 7, width: 5)))
    try expect("adaptive-smaller", AdaptiveAveragePool2D(4))
    try expect("adaptive-even", AdaptiveAveragePool2D(2))
    try expect("lrn", LocalResponseNorm(alpha: 0.3))
    try expect("maxpool-ceil", MaxPool2D(3, strides: 2, padding: .ceil(0)))
    try expect("maxpool-ceil-2", MaxPool2D(2, padding: .ceil(0)))
    try expect("maxpool-ceil-outside", MaxPool2D(2, strides: 3, padding: .ceil(1)))
    try expect("squeeze-excitation", SqueezeExcitation(2))
    try expect("batchnorm", BatchNorm(), mode: .training)
    try expect("batchnorm-flat", BatchNorm(momentum: 0.3, epsilon: 1e-3), mode: .training)
  }

  /// The activations in the graph against PyTorch's, and the curves for plots against both.
  @Test(arguments: Activation.all.filter { $0.name != "maxout" && $0.name != "parametric-relu" })
  func activation(_ activation: Activation) throws {
    let name = "activation-\(activation.name)"
    try expect(name, ActivationLayer(activation))
    if activation == .softmax { return }
    let fixture = try Fixture("layers.json")
    let inputs = try fixture.tensor(name + ".input").values
    for (x, y) in zip(inputs, try fixture.tensor(name + ".output").values) {
      #expect(abs(activation.value(at: x) - y) < 1e-7 * max(1, abs(y)), "\(activation) at \(x)")
    }
  }

  private func expect(
    _ name: String, _ layer: any Layer, mode: Mode = .inference
  ) throws {
    let fixture = try Fixture("layers.json")
    var variables: [String: ReferenceTensor] = [:]
    for key in fixture.names where key.hasPrefix(name + ".variable.") {
      variables[String(key.dropFirst(name.count + 10))] = try fixture.tensor(key)
    }
    let result = try evaluate(
      layer, on: fixture.tensor(name + ".input"), variables: variables, mode: mode)
    let error = result.output.largestError(against: try fixture.tensor(name + ".output"))
    #expect(error < 1e-6, "\(name): \(error)")
    for key in fixture.names where key.hasPrefix(name + ".after.") {
      let state = try #require(result.variables["x." + key.dropFirst(name.count + 7)])
      #expect(state.largestError(against: try fixture.tensor(key)) < 1e-6, "\(key)")
    }
  }

  /// Of 6 columns, windows of 3 with stride 2 lack one cell in TensorFlow's `SAME`, which is put behind;
  /// of 5 they lack two, one on each side.
  @Test func tensorFlowPutsTheOddCellBehind() throws {
    let pool = MaxPool2D(3, strides: 2, padding: .sameTensorFlow)
    let even = ReferenceTensor([1, 1, 1, 6], [9, 1, 2, 3, 4, 5])
    #expect(try evaluate(pool, on: even).output.values == [9, 4, 5])
    let odd = ReferenceTensor([1, 1, 1, 5], [9, 1, 2, 3, 4])
    #expect(try evaluate(pool, on: odd).output.values == [9, 3, 4])
  }

  /// Each example keeps its body whole, doubled, or loses it whole; in inference nothing changes.
  @Test func stochasticDepthDropsWholeExamples() throws {
    let ones = ReferenceTensor([64, 2, 2, 2], [Double](repeating: 1, count: 512))
    let layer = StochasticDepth(0.5)
    #expect(try evaluate(layer, on: ones).output.values == ones.values)
    let values = try evaluate(layer, on: ones, mode: .training).output.values
    var kept = 0
    for example in 0..<64 {
      let body = Set(values[(8 * example)..<(8 * example + 8)])
      #expect(body == [0] || body == [2], "example \(example)")
      kept += body == [2] ? 1 : 0
    }
    #expect((16...48).contains(kept))
  }

  @Test func sumPoolingAddsEachWindow() throws {
    let image = ReferenceTensor([1, 1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try evaluate(SumPool2D(2), on: image).output.values == [14, 22])
    let padded = SumPool2D(2, strides: 2, padding: .explicit(EdgePadding(height: 0, width: 1)))
    #expect(try evaluate(padded, on: image).output.values == [6, 18, 12])
  }

  @Test func globalPoolingOfImagesAndSeries() throws {
    let image = ReferenceTensor([1, 2, 1, 3], [1, 2, 6, -1, -2, -6])
    #expect(try evaluate(GlobalAveragePool(), on: image).output.values == [3, -3])
    #expect(try evaluate(GlobalMaxPool(), on: image).output.values == [6, -1])
    let series = ReferenceTensor([1, 2, 3], image.values)
    #expect(try evaluate(GlobalAveragePool(), on: series).output.values == [3, -3])
    #expect(try evaluate(GlobalMaxPool(), on: series).output.values == [6, -1])
  }

  @Test func batchNormFollowsItsRunningStatistics() throws {
    // 1 2 3 4 has mean 2.5 and variance 5/4, unbiased 5/3.
    let batch = ReferenceTensor([4, 1], [1, 2, 3, 4])
    let after = try evaluate(BatchNorm(), on: batch, mode: .training).variables
    let mean = try #require(after["x.running_mean"]).values[0]
    let variance = try #require(after["x.running_var"]).values[0]
    #expect(abs(mean - 0.25) < 1e-7)
    #expect(abs(variance - (0.9 + 0.1 * 5 / 3)) < 1e-7)

    let given: [String: ReferenceTensor] = [
      "weight": .row([2]), "bias": .row([1]), "running_mean": .row([3]), "running_var": .row([4]),
    ]
    let inference = try evaluate(BatchNorm(epsilon: 1e-12), on: batch, variables: given)
    #expect(inference.output.largestError(against: ReferenceTensor([4, 1], [-1, 0, 1, 2])) < 1e-6)
    #expect(inference.variables["x.running_mean"]?.values == [3])
  }

  @Test func dropoutKeepsTheMean() throws {
    let ones = ReferenceTensor([10, 100], repeating: 1)
    let dropped = try evaluate(Dropout(0.25), on: ones, mode: .training).output
    let kept = dropped.values.filter { $0 != 0 }
    #expect(kept.allSatisfy { abs($0 - 4 / 3) < 1e-6 })
    #expect((680...820).contains(kept.count))
    #expect(try evaluate(Dropout(0.25), on: ones).output.values == ones.values)
  }

  @Test func rescalingAndReshaping() throws {
    let row = ReferenceTensor([1, 4], [0, 51, 102, 255])
    let scaled = try evaluate(Rescaling(1 / 255, offset: -1), on: row).output
    #expect(scaled.largestError(against: ReferenceTensor([1, 4], [-1, -0.8, -0.6, 0])) < 1e-6)
    // Two channels of 1 × 2, one after the other.
    let shaped = try evaluate(Networks.Reshape([1, 2, 2]), on: row).output
    #expect(shaped.shape == [1, 2, 1, 2] && shaped.values == row.values)
    #expect(try evaluate(Flatten(), on: shaped).output.shape == [1, 4])
  }

  @Test func branchesAndSums() throws {
    let image = ReferenceTensor([1, 1, 1, 2], [1, -2])
    let twice = Networks.Concatenate {
      Sequential {}
      Rescaling(3)
    }
    let joined = try evaluate(twice, on: image).output
    #expect(joined.shape == [1, 2, 1, 2] && joined.values == [1, -2, 3, -6])
    let sum = Residual(activation: .relu) {
      Rescaling(3)
    } shortcut: {
      Rescaling(-1)
    }
    #expect(try evaluate(sum, on: image).output.values == [2, 0])
  }

  @Test func whiteningIsAFixedConvolution() throws {
    let graph = Graph()
    let network = Network(input: [3, 3, 1]) { Whitening(2) }
    let built = try network.build(on: graph, batch: 1, mode: .training)
    #expect(built.output.shape == [1, 8, 2, 2])
    #expect(graph.variables.map(\.name) == ["whitening1.weight", "whitening1.bias"])
    #expect(graph.variables.map(\.isTrainable) == [false, true])
    let summary = try network.summary()
    #expect(summary.parameters == 8 && summary.buffers == 32)
  }
}
