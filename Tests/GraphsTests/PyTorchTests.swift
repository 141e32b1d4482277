import Graphs
import Tensors
import TestSupport
import Testing

/// Operations and their gradients against what PyTorch computed (`Fixtures/make_fixtures.py`).
@Suite struct PyTorchTests {
  typealias Build = @Sendable ([Node]) throws(GraphError) -> Node

  private static func on(_ operation: any Operation) -> Build {
    { (x) throws(GraphError) in try x[0].graph.apply(operation, x)[0] }
  }

  private static func transposed(_ convolution: Convolution, _ outputPadding: Int = 0) -> Build {
    { (x) throws(GraphError) in
      let operation = try convolution.transposed(
        input: x[0].shape, weight: x[1].shape, outputPadding: Size2D(outputPadding))
      return try x[0].applying(operation, x[1])
    }
  }

  static let operations: [String: Build] = [
    "conv": on(Convolution()),
    "conv strides": on(
      Convolution(
        strides: Size2D(height: 2, width: 3), padding: EdgePadding(height: 1, width: 2))),
    "conv dilation": on(Convolution(padding: 2, dilation: Size2D(height: 2, width: 1))),
    "conv groups": on(Convolution(padding: 1, groups: 2)),
    "conv depthwise": on(Convolution(strides: 2, padding: 1, groups: 3)),
    "conv asymmetric": on(
      Convolution(strides: 2, padding: EdgePadding(top: 1, left: 0, bottom: 3, right: 2))),
    "transposed": transposed(Convolution(strides: 2, padding: 1)),
    "transposed output padding": transposed(Convolution(strides: 2, padding: 1), 1),
    "transposed groups": transposed(Convolution(strides: 3, dilation: 2, groups: 2)),
    "max pool": on(MaxPool(window: 2)),
    "max pool padded": on(MaxPool(window: 3, strides: 2, padding: 1)),
    "max pool dilated": on(
      MaxPool(window: Size2D(height: 2, width: 3), strides: 1, dilation: 2)),
    "average pool": on(AveragePool(window: 3, strides: 2)),
    "average pool padded": on(AveragePool(window: 3, strides: 2, padding: 1)),
    "average pool uncounted": on(
      AveragePool(window: 3, strides: 2, padding: 1, countsPadding: false)),
    "batch norm": on(BatchNormalization(epsilon: 1e-3)),
    "batch norm inference": on(BatchNormalizationInference(epsilon: 1e-3)),
    "layer norm": on(LayerNormalization(axis: 1, epsilon: 1e-5)),
    "softmax": on(Softmax(axis: 1)),
    "log softmax": on(LogSoftmax(axis: 1)),
    "cross entropy": on(SoftmaxCrossEntropy()),
    "upsample nearest": on(Upsample(factor: Size2D(height: 2, width: 3), mode: .nearest)),
    "upsample bilinear": on(Upsample(factor: Size2D(height: 3, width: 2), mode: .bilinear)),
    "pad reflect": on(Pad(before: [0, 0, 0, 2], after: [0, 0, 2, 1], mode: .reflect101)),
    "pad replicate": on(Pad(before: [0, 0, 0, 2], after: [0, 0, 3, 1], mode: .replicate)),
    "embedding": { (x) throws(GraphError) in
      try x[0].applying(
        Gather(axis: 0), x[0].graph.constant(Tensor([2, 3], [1, 4, 1, 0, 2, 4])))
    },
    "dense": { (x) throws(GraphError) in
      try x[0].applying(MatrixMultiply(transposeRight: true), x[1]).applying(BiasAdd(), x[2])
    },
    "batched product": on(MatrixMultiply()),
    "activation tanh": on(Unary(.tanh)),
    "activation sigmoid": on(Unary(.sigmoid)),
    "activation hardSigmoid": on(Unary(.hardSigmoid())),
    "activation relu": on(Unary(.relu)),
    "activation leakyReLU": on(Unary(.leakyReLU(slope: 0.25))),
    "activation elu": on(Unary(.elu(alpha: 0.75))),
    "activation gelu": on(Unary(.gelu)),
    "activation swish": on(Unary(.swish)),
    "activation softplus": on(Unary(.softplus)),
    "activation clip": on(Unary(.clip(minimum: 0, maximum: 6))),
    "activation erf": on(Unary(.erf)),
    "activation exp": on(Unary(.exp)),
    "amax": { (x) throws(GraphError) in try x[0].reduced(.max, axes: [1, 2]) },
    "maximum": on(Binary(.maximum)),
  ]

  @Test func everyRecordedOperationIsTested() throws {
    let recorded = Set(
      try Fixture("operations.json").names.compactMap { $0.split(separator: "/").first }
        .map(String.init))
    #expect(recorded.subtracting(["running"]) == Set(Self.operations.keys))
  }

  @Test(arguments: operations.keys.sorted())
  func operationAndGradients(_ name: String) throws {
    let fixture = try Fixture("operations.json")
    let build = try #require(Self.operations[name])
    let inputs = try fixture.names.filter { $0.hasPrefix("\(name)/x") }.map(fixture.tensor)
    let graph = Graph()
    let nodes = try inputs.enumerated().map { try graph.input("x\($0.offset)", $0.element.shape) }
    let y = try build(nodes)
    let c = try graph.input("c", y.shape)
    let gradients = try graph.gradients(of: (y * c).sum(), withRespectTo: nodes)

    var given = Dictionary(uniqueKeysWithValues: zip(nodes, inputs))
    given[c] = try fixture.tensor("\(name)/c")
    let results = Interpreter(graph).run([y] + gradients, inputs: given)
    #expect(results[0].largestError(against: try fixture.tensor("\(name)/y")) < 1e-7)
    for (k, gradient) in results.dropFirst().enumerated() {
      guard fixture.names.contains("\(name)/dx\(k)") else { continue }
      let expected = try fixture.tensor("\(name)/dx\(k)")
      #expect(gradient.largestError(against: expected) < 1e-7, "gradient of input \(k)")
    }
  }

  /// A running statistic is (1 − 0.1) · old + 0.1 · new, the variance unbiased: n / (n − 1).
  @Test func runningStatistics() throws {
    let fixture = try Fixture("operations.json")
    let x = try fixture.tensor("running/x")
    let graph = Graph()
    let input = try graph.input("x", x.shape)
    let outputs = try graph.apply(
      BatchNormalization(),
      [input, graph.constant(Tensor([2], [1, 1])), graph.constant(Tensor([2], [0, 0]))])
    let mean = try graph.buffer("mean", [2], .zeros)
    let variance = try graph.buffer("variance", [2], .constant(1))
    let count = Float(x.shape.count / 2)
    try graph.assign(mean, mean * 0.9 + outputs[1] * 0.1)
    try graph.assign(variance, variance * 0.9 + outputs[2] * (0.1 * count / (count - 1)))
    let interpreter = Interpreter(graph)
    _ = interpreter.run([], inputs: [input: x])
    for name in ["mean", "variance"] {
      let kept = try #require(interpreter.variables[name])
      #expect(kept.largestError(against: try fixture.tensor("running/\(name)")) < 1e-6)
    }
  }
}
