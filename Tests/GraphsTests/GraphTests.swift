import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct GraphTests {
  @Test func aNameIsOneVariable() throws {
    let graph = Graph()
    let first = try graph.parameter("w", [2, 3], .zeros)
    #expect(try graph.parameter("w", [2, 3], .zeros) == first)
    #expect(graph.variables.map(\.name) == ["w"])
    #expect(graph.variable(named: "w") == first)
    #expect(graph.variable(named: "v") == nil)
    expectError("variable w: expected 2×3, received 3×2") { () throws(GraphError) in
      _ = try graph.parameter("w", [3, 2], .zeros)
    }
    expectError("variable w: declared both as parameter and as state") {
      () throws(GraphError) in _ = try graph.buffer("w", [2, 3], .zeros)
    }
  }

  @Test func equalApplicationsAreOneVertex() throws {
    let graph = Graph()
    let x = try graph.input("x", [4])
    #expect(try x.map(.relu) == x.map(.relu))
    #expect(try x.map(.relu) != x.map(.tanh))
    #expect(
      try graph.apply(RandomNormal(shape: [4])) != graph.apply(RandomNormal(shape: [4])))
  }

  @Test func errorsNameTheLayer() throws {
    let graph = Graph()
    let x = try graph.input("x", [1, 3, 8, 8])
    let w = try graph.parameter("w", [4, 2, 3, 3], .zeros)
    let message = "layer1.conv: Convolution: expected 2 input channels a group, received 3"
    expectError(message) { () throws(GraphError) in
      try graph.withLabel("layer1.conv") { () throws(GraphError) in
        _ = try x.applying(Convolution(), w)
      }
    }
    #expect(graph.label == nil)
  }

  @Test func nodesKeepTheirLabel() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    let y = try graph.withLabel("act") { () throws(GraphError) in try x.map(.tanh) }
    #expect(y.label == "act")
    let slope = try graph.gradients(of: y.sum(), withRespectTo: [x])[0]
    #expect(slope.label == "act (gradient)")
  }

  @Test func assignments() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    let kept = try graph.buffer("kept", [2], .constant(1))
    try graph.assign(kept, kept + x)
    expectError("assign: expected one value for kept, received two") { () throws(GraphError) in
      try graph.assign(kept, x)
    }
    expectError("assign: expected a variable of this graph") { () throws(GraphError) in
      try graph.assign(x, kept)
    }
    let interpreter = Interpreter(graph)
    let inputs = [x: ReferenceTensor([2], [1, 2])]
    #expect(interpreter.run([kept], inputs: inputs)[0].values == [1, 1])
    #expect(interpreter.run([kept], inputs: inputs)[0].values == [2, 3])
    #expect(interpreter.run([kept], inputs: inputs, assigns: false)[0].values == [3, 5])
    #expect(interpreter.run([kept], inputs: inputs)[0].values == [3, 5])
  }

  @Test func gradientsNobodyNeedsAreNotBuilt() throws {
    let graph = Graph()
    let x = try graph.input("x", [2, 3, 6, 6])
    let first = try graph.parameter("first", [4, 3, 3, 3], .heNormal)
    let second = try graph.parameter("second", [4, 4, 3, 3], .heNormal)
    let hidden = try x.applying(Convolution(), first).map(.relu)
    let loss = try hidden.applying(Convolution(), second).sum()
    func inputGradients() -> Int {
      graph.vertices.count { vertex in
        if case .operation(let operation) = vertex.kind {
          operation is ConvolutionInputGradient
        } else {
          false
        }
      }
    }
    _ = try graph.gradients(of: loss, withRespectTo: [second])
    #expect(inputGradients() == 0)
    _ = try graph.gradients(of: loss, withRespectTo: [first, second])
    #expect(inputGradients() == 1)
  }

  @Test func gradientsAddUpAndMayBeZero() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    let unused = try graph.input("unused", [3])
    let loss = try (x * x + x.map(.floor) * 5 + x * 3).sum()
    let slopes = try graph.gradients(of: loss, withRespectTo: [x, unused])
    let values = Interpreter(graph).run(slopes, inputs: [x: .init([2], [1.5, -2.5])])
    // d(x² + 5·⌊x⌋ + 3x) = 2x + 3.
    #expect(values[0].values == [6, -2])
    #expect(values[1].values == [0, 0, 0])
  }

  @Test func gradientsOfNodesInBetween() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    let hidden = try x.map(.square)
    let slopes = try graph.gradients(of: hidden.map(.square).sum(), withRespectTo: [hidden, x])
    let values = Interpreter(graph).run(slopes, inputs: [x: .init([2], [1, 2])])
    #expect(values[0].values == [2, 8])
    #expect(values[1].values == [4, 32])
  }

  /// The example in the documentation of `Graph`, smaller: the loss w² falls by (1 − 2 · 0.1)².
  @Test func documentedExampleDescends() throws {
    let graph = Graph()
    let x = try graph.input("x", [1, 1])
    let weight = try graph.parameter("weight", [1, 1], .constant(3))
    let logits = try x.applying(MatrixMultiply(transposeRight: true), weight)
    let loss = try logits.map(.square).mean()
    let gradient = try graph.gradients(of: loss, withRespectTo: [weight])[0]
    try graph.assign(weight, weight - 0.1 * gradient)
    let interpreter = Interpreter(graph)
    let losses = (0..<2).map { _ in
      interpreter.run([loss], inputs: [x: .init([1, 1], [1])])[0].values[0]
    }
    #expect(losses[0] == 9)
    #expect(abs(losses[1] - 9 * 0.64) < 1e-6)
  }

  @Test func gradientsNeedAScalar() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    expectError("gradients: expected a loss of one element, received 2") {
      () throws(GraphError) in _ = try graph.gradients(of: x, withRespectTo: [x])
    }
  }

  @Test func missingSecondDerivativesAreNamed() throws {
    let graph = Graph()
    let x = try graph.input("x", [1, 1, 4, 4])
    let y = try graph.withLabel("pool") { () throws(GraphError) in
      try x.map(.square).applying(MaxPool(window: 2))
    }
    let slope = try graph.gradients(of: y.map(.square).sum(), withRespectTo: [x])[0]
    let message =
      "pool (gradient): MaxPoolGradient: has no second derivative here; use strided convolutions "
      + "or average pooling"
    expectError(message) { () throws(GraphError) in
      _ = try graph.gradients(of: slope.map(.square).sum(), withRespectTo: [x])
    }
  }

  @Test func initialValuesDependOnTheNameAlone() throws {
    let (one, two) = (Graph(), Graph())
    _ = try one.parameter("a", [3], .heNormal, fanIn: 3)
    _ = try two.parameter("before", [5], .heNormal, fanIn: 5)
    _ = try two.parameter("a", [3], .heNormal, fanIn: 3)
    let random = RandomSource(seed: 1)
    #expect(
      one.variables[0].initialValue(random: random) == two.variables[1].initialValue(random: random)
    )
  }
}

/// Expects a graph error with exactly this description.
func expectError(
  _ description: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws(GraphError) -> Void
) {
  do {
    try body()
    Issue.record("no error, expected: \(description)", sourceLocation: sourceLocation)
  } catch {
    #expect(error.description == description, sourceLocation: sourceLocation)
  }
}

@Suite struct RandomStreamTests {
  /// The streams of the random operations of a graph with more or fewer other operations in it.
  private func streams(between others: Int) throws -> [String] {
    let graph = Graph()
    var x = try graph.input("x", [2])
    for _ in 0..<others { x = try x.map(.square) }
    for path in ["drop1", "drop1", "drop2", nil] {
      _ = try graph.withLabel(path) { () throws(GraphError) in
        try graph.apply(DropoutMask(keepProbability: 0.5, shape: [2]), [])
      }
      for _ in 0..<others { x = try x.map(.square) }
    }
    return graph.vertices.map(\.stream).filter { !$0.isEmpty }
  }

  @Test func areNamedByPathAndOrdinalWhateverElseIsInTheGraph() throws {
    #expect(try streams(between: 0) == ["drop1#1", "drop1#2", "drop2#1", "#1"])
    #expect(try streams(between: 3) == streams(between: 0))
  }
}
