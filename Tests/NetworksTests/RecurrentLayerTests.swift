import Graphs
import Networks
import Tensors
import TestSupport
import Testing

/// Layers with memory, and what masks do to those beside them.
@Suite struct RecurrentLayerTests {
  /// Outputs, last states and gradients against PyTorch's, on packed sequences
  /// (`Fixtures/make_recurrent_fixtures.py`).
  @Test(arguments: ["rnn", "lstm", "gru", "rnn-both", "lstm-both", "gru-both"])
  func asInPyTorch(_ name: String) throws {
    let fixture = try Fixture("recurrent.json")
    func layer(_ sequences: Bool) -> any Layer {
      func both(_ layer: some RecurrentLayer) -> any Layer {
        name.hasSuffix("both") ? Bidirectional(layer) : layer
      }
      switch name.prefix(3) {
      case "rnn": return both(SimpleRNN(4, returnsSequences: sequences))
      case "gru": return both(GRU(4, returnsSequences: sequences))
      default: return both(LSTM(4, returnsSequences: sequences))
      }
    }
    let graph = Graph()
    let inputs = [NetworkInput("series", [5, 3]), .lengths]
    let nodes = [try graph.input("series", [3, 3, 5]), try graph.input("lengths", [3, 1])]
    let all = try Network(inputs: inputs, layers: [layer(true).named("x")]).build(
      on: nodes, mode: .inference)
    let last = try Network(inputs: inputs, layers: [layer(false).named("x")]).build(
      on: nodes, mode: .inference)
    let loss = try all.output.map(.square).sum() + last.output.map(.square).sum()
    let slopes = fixture.names.filter { $0.hasPrefix(name + ".slope.") }
    let parameters = try slopes.map {
      try #require(graph.variable(named: "x." + $0.dropFirst(name.count + 7)))
    }
    #expect(slopes.count == all.parameters.count)
    let gradients = try graph.gradients(of: loss, withRespectTo: [nodes[0]] + parameters)
    let interpreter = Interpreter(graph)
    for key in fixture.names where key.hasPrefix(name + ".variable.") {
      interpreter.variables["x." + key.dropFirst(name.count + 10)] = try fixture.tensor(key)
    }
    let results = interpreter.run(
      [all.output, last.output] + gradients,
      inputs: [
        nodes[0]: try fixture.tensor(name + ".input"),
        nodes[1]: try fixture.tensor(name + ".lengths"),
      ])
    let expected =
      ["output", "last", "gradient"].map { "\(name).\($0)" } + slopes
    for (result, key) in zip(results, expected) {
      #expect(result.largestError(against: try fixture.tensor(key)) < 1e-9, "\(key)")
    }
  }

  /// The counts of a text network and of the forecasting one.
  @Test func parameters() throws {
    func count(_ input: Shape, @LayerBuilder _ layers: () -> [LayerBuilder.Element]) throws -> [Int]
    {
      let summary = try Network(input: input, layers).summary()
      return summary.layers.filter { $0.parameters > 0 }.map(\.parameters) + [summary.parameters]
    }
    #expect(
      try count([500]) {
        Embedding(10_000, 32)
        SimpleRNN(32)
        Dense(1)
      }
        == [320_000, 2_080, 33, 322_113])
    #expect(try count([60, 32]) { LSTM(32) } == [8_320, 8_320])
    #expect(try count([60, 32]) { GRU(32) } == [6_336, 6_336])
    #expect(try count([60, 32]) { GRU(32, resetAfter: false) } == [6_240, 6_240])
    #expect(try count([60, 1]) { LSTM(256) } == [264_192, 264_192])
    #expect(try count([60, 1]) { LSTM(256, peepholes: true) } == [264_960, 264_960])
    #expect(try count([60, 1]) { LSTM(256, coupledGates: true) } == [198_144, 198_144])
    #expect(
      try count([60, 1]) { LSTM(256, peepholes: true, coupledGates: true) } == [198_656, 198_656])
    #expect(
      try count([60, 1]) {
        LSTM(256, returnsSequences: true)
        Dropout(0.2)
        LSTM(256)
        Dropout(0.2)
        Dense(64)
        Dense(1)
      } == [264_192, 525_312, 16_448, 65, 806_017])
  }

  /// What a layer makes of each series alone is what it makes of them together, padded, and zero behind.
  @Test(arguments: [Mode.inference, .training])
  func masksPassThroughLayersOfSeries(_ mode: Mode) throws {
    let layers: [(String, [any Layer])] = [
      ("conv same", [Conv1D(3, 3, padding: .same, activation: .sigmoid)]),
      ("conv strided", [Conv1D(3, 3, stride: 2, dilation: 2, activation: .sigmoid)]),
      ("pools", [MaxPool1D(2), Conv1D(2, 2), AveragePool1D(2, stride: 1)]),
      ("max same", [MaxPool1D(3, stride: 1, padding: .same)]),
      ("dense", [TimeDistributed { Dense(2, activation: .sigmoid) }]),
      ("recurrent", [Bidirectional(GRU(3, returnsSequences: true))]),
    ]
    var random = RandomSource(seed: 6)
    let series = ReferenceTensor.random([3, 2, 12], &random)
    let lengths = [12, 7, 9]
    var padded = series
    for n in 0..<3 { for c in 0..<2 { for t in lengths[n]..<12 { padded[[n, c, t]] = 0 } } }
    for (name, list) in layers {
      for pool in [nil, GlobalMaxPool(), GlobalAveragePool()] as [(any Layer)?] {
        let all = (list + (pool.map { [$0] } ?? [])).enumerated().map { $1.named("x\($0)") }
        let graph = Graph()
        let nodes = [try graph.input("series", [3, 2, 12]), try graph.input("lengths", [3, 1])]
        let together = try Network(
          inputs: [NetworkInput("series", [12, 2]), .lengths], layers: all
        )
        .build(on: nodes, mode: mode).output
        let result = Interpreter(graph).run(
          [together],
          inputs: [nodes[0]: padded, nodes[1]: ReferenceTensor([3, 1], lengths.map(Double.init))])[
            0]
        for n in 0..<3 {
          var own = ReferenceTensor([1, 2, lengths[n]])
          for c in 0..<2 { for t in 0..<lengths[n] { own[[0, c, t]] = series[[n, c, t]] } }
          let single = Graph()
          let node = try single.input("series", own.shape)
          let alone = try Network(input: [lengths[n], 2], layers: all).build(on: node, mode: mode)
          let expected = Interpreter(single).run([alone.output], inputs: [node: own])[0]
          for index in (expected.shape.rank == 2 ? result.shape : result.shape).indices
          where index[0] == n {
            let isInside = index.count == 2 || index[2] < expected.shape[2]
            let value = isInside ? expected[[0] + index.dropFirst()] : 0
            #expect(abs(result[index] - value) < 1e-9, "\(name) \(n) \(index)")
          }
        }
      }
    }
  }

  /// Statistics of the steps that there are: 1, 2 and 6 have mean 3 and variance 14/3, unbiased 7.
  @Test func batchNormLeavesAbsentStepsOut() throws {
    let graph = Graph()
    let nodes = [try graph.input("series", [2, 1, 3]), try graph.input("lengths", [2, 1])]
    let built = try Network(inputs: [NetworkInput("series", [3, 1]), .lengths]) {
      BatchNorm(epsilon: 1e-12).named("x")
    }.build(on: nodes, mode: .training)
    let interpreter = Interpreter(graph)
    let values = interpreter.run(
      [built.output],
      inputs: [
        nodes[0]: ReferenceTensor([2, 1, 3], [1, 2, 0, 6, 0, 0]),
        nodes[1]: ReferenceTensor([2, 1], [2, 1]),
      ])[0].values
    let deviation = (14.0 / 3).squareRoot()
    for (value, expected) in zip(values, [-2 / deviation, -1 / deviation, 0, 3 / deviation, 0, 0]) {
      #expect(abs(value - expected) < 1e-6)
    }
    #expect(abs(try #require(interpreter.variables["x.running_mean"]).values[0] - 0.3) < 1e-6)
    #expect(
      abs(try #require(interpreter.variables["x.running_var"]).values[0] - (0.9 + 0.7)) < 1e-6)
  }

  /// Where all steps are there, a network computes the same without lengths.
  @Test func lengthsOfWholeSeriesSayNothing() throws {
    let network = Network(inputs: [NetworkInput("series", [7, 2]), .lengths]) {
      Conv1D(3, 3, padding: .same, bias: false)
      BatchNorm(activation: .relu)
      MaxPool1D(2)
      GRU(4, returnsSequences: true)
      GlobalAveragePool()
    }
    #expect(network.withoutLengths.inputs.map(\.name) == ["series"])
    var random = RandomSource(seed: 8)
    let series = ReferenceTensor.random([3, 2, 7], &random)
    func output(_ network: Network) throws -> [Double] {
      let graph = Graph()
      let built = try network.build(on: graph, batch: 3, mode: .training)
      var values = [built.inputs[0]: series]
      for lengths in built.inputs.dropFirst() {
        values[lengths] = ReferenceTensor([3, 1], [7, 7, 7])
      }
      return Interpreter(graph).run([built.output], inputs: values)[0].values
    }
    let (with, without) = (try output(network), try output(network.withoutLengths))
    #expect(with.count == 12 && zip(with, without).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  /// More steps behind change no mask before them.
  @Test func dropoutIsDrawnStepByStep() throws {
    func dropped(_ steps: Int) throws -> ReferenceTensor {
      let graph = Graph()
      let input = try graph.input("x", [2, 2, steps])
      let built = try Network(input: [steps, 2]) {
        SimpleRNN(3, returnsSequences: true)
        Dropout(0.5)
      }.build(on: input, mode: .training)
      return Interpreter(graph).run(
        [built.output], inputs: [input: ReferenceTensor([2, 2, steps], repeating: 0.5)])[0]
    }
    let (short, long) = (try dropped(4), try dropped(7))
    for index in short.shape.indices { #expect(short[index] == long[index]) }
    #expect(Set(short.values.map { $0 == 0 }).count == 2)
  }

  /// An LSTM behind another takes its steps as they are.
  @Test func stackedLayersDoNotTurnTheirSteps() throws {
    let graph = Graph()
    _ = try Network(input: [6, 2]) {
      LSTM(4, returnsSequences: true)
      Dropout(0.5)
      LSTM(4)
    }.build(on: graph.input("x", [3, 2, 6]), mode: .training)
    let recurrences = graph.vertices.filter {
      if case .operation(let operation) = $0.kind { operation is Recurrence } else { false }
    }
    guard case .operation(let before) = graph.vertices[recurrences[1].inputs[0].vertex].kind else {
      Issue.record("expected an operation")
      return
    }
    #expect(before is Binary)
  }

  @Test func initialStatesComeFromInputs() throws {
    let graph = Graph()
    let inputs = [
      NetworkInput("x", [1, 1]), NetworkInput("h", [1]), NetworkInput("c", [1]),
    ]
    let nodes = try inputs.map { try graph.input($0.name, $0.shape.batched(1)) }
    let built = try Network(inputs: inputs) { LSTM(1, initialStates: ["h", "c"]).named("x") }
      .build(on: nodes, mode: .inference)
    let interpreter = Interpreter(graph)
    interpreter.variables["x.weight_ih"] = ReferenceTensor([4, 1], [0.1, 0.2, 0.3, 0.4])
    interpreter.variables["x.weight_hh"] = ReferenceTensor([4, 1], [0.5, 0.6, 0.7, 0.8])
    interpreter.variables["x.bias"] = ReferenceTensor([4], [0.01, 0.02, 0.03, 0.04])
    let values = [1, 0.5, 0.25].map { ReferenceTensor(Shape([1, 1]), [$0]) }
    let result = interpreter.run(
      [built.output],
      inputs: [
        nodes[0]: ReferenceTensor([1, 1, 1], [1]), nodes[1]: values[1], nodes[2]: values[2],
      ])[0]
    #expect(abs(result.values[0] - 0.325631) < 1e-6)
  }

  @Test func layersComeBackFromJSON() throws {
    let network = Network(input: [6]) {
      Embedding(9, 3)
      Bidirectional(LSTM(2, returnsSequences: true, peepholes: true, coupledGates: true))
      TimeDistributed { Dense(3) }
      MaxPool1D(2, padding: .same)
      AveragePool1D(2, stride: 1)
      SimpleRNN(2, returnsSequences: true, activation: .relu, reversed: true)
      GRU(2, resetAfter: false)
    }
    let copy = try Network(json: network.json())
    #expect(try copy.json() == network.json())
    #expect(try copy.summary().layers == network.summary().layers)
  }

  @Test func mistakesAreNamed() throws {
    func message(_ input: Shape, _ layer: any Layer) -> String {
      do {
        _ = try Network(input: input, layers: [layer.named("x")]).summary()
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message([4], LSTM(2))
        == "LSTM(2) at layer 1: expected a series L×C, received 4; add Embedding or Reshape([length, channels])"
    )
    #expect(
      message([4, 4, 1], Embedding(5, 2)).hasSuffix("expected a list of numbers L, received 4×4×1"))
    #expect(
      message([4, 1], SimpleRNN(2, activation: .gelu)).hasSuffix(
        "activation gelu: expected tanh or relu"))
    #expect(message([4, 1], LSTM(2, initialStates: ["h"])).hasSuffix("expected 2 names"))
    #expect(message([4, 1], GRU(2, initialStates: ["h"])).contains("no input h"))
  }

  /// Each square of a recurrent weight is orthogonal.
  @Test func recurrentWeightsBeginOrthogonal() {
    var random = RandomSource(seed: 1)
    let weight = Initializer.orthogonal.tensor(
      shape: [12, 6], fanIn: 6, fanOut: 6, random: &random)
    for part in 0..<2 {
      for a in 0..<6 {
        for b in 0..<6 {
          let product = (0..<6).reduce(Float(0)) {
            $0 + weight.scalars[(part * 6 + a) * 6 + $1] * weight.scalars[(part * 6 + b) * 6 + $1]
          }
          #expect(abs(product - (a == b ? 1 : 0)) < 1e-6)
        }
      }
    }
    let parts = Initializer.parts([0, 1]).tensor(shape: [4], fanIn: 1, fanOut: 1, random: &random)
    #expect(parts.scalars == [0, 0, 1, 1])
    for initializer in [Initializer.orthogonal, .parts([0, 1, 0.5])] {
      #expect(Initializer(initializer.description) == initializer)
    }
  }
}
