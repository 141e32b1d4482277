import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct OptimizerTests {
  /// Σ g·p of a parameter that begins at zero, and the optimizer's step on it.
  private func step(
    _ optimizer: Optimizer, gradient: [Double], from start: [Double], rate: Double = 1,
    rank: Int = 1
  ) throws -> (value: [Double], variables: [String: ReferenceTensor]) {
    let graph = Graph()
    let shape = Shape([Int](repeating: 1, count: rank - 1) + [gradient.count])
    let parameter = try graph.parameter("p", shape, .zeros)
    let slope = try graph.input("slope", shape)
    let learningRate = try graph.input("rate", [])
    let updates = try optimizer.minimize(
      (slope * parameter).sum(), parameters: [parameter], learningRate: learningRate)
    #expect(updates.map(\.name) == ["p"])
    let interpreter = Interpreter(graph)
    interpreter.variables["p"] = ReferenceTensor(shape, start)
    _ = interpreter.run(
      [],
      inputs: [slope: ReferenceTensor(shape, gradient), learningRate: ReferenceTensor([], [rate])])
    return (interpreter.variables["p"]?.values ?? [], interpreter.variables)
  }

  @Test func plainDescent() throws {
    #expect(
      try step(Optimizer(.sgd()), gradient: [3, -4], from: [1, 1], rate: 0.5).value == [-0.5, 3])
  }

  @Test func clippingByValueAndByNorm() throws {
    let byValue = Optimizer(.sgd(), clipping: .value(1))
    #expect(try step(byValue, gradient: [3, -4], from: [0, 0]).value == [-1, 1])
    // ‖(3, −4)‖ = 5.
    let byNorm = Optimizer(.sgd(), clipping: .norm(1))
    let value = try step(byNorm, gradient: [3, -4], from: [0, 0]).value
    #expect(abs(value[0] + 0.6) < 1e-6 && abs(value[1] - 0.8) < 1e-6)
    let small = try step(byNorm, gradient: [0.3, -0.4], from: [0, 0]).value
    #expect(abs(small[0] + 0.3) < 1e-6 && abs(small[1] - 0.4) < 1e-6)
  }

  @Test func decayCanLeaveVectorsAlone() throws {
    let decaying = OptimizerRule.sgd(weightDecay: 0.5)
    #expect(try step(Optimizer(decaying), gradient: [0], from: [4]).value == [2])
    let sparing = Optimizer(decaying, decaysBiasesAndNorms: false)
    #expect(try step(sparing, gradient: [0], from: [4]).value == [4])
    #expect(try step(sparing, gradient: [0], from: [4], rank: 2).value == [2])
  }

  @Test func parametersCanHaveRatesOfTheirOwn() throws {
    let graph = Graph()
    let slow = try graph.parameter("slow", [1], .zeros)
    let fast = try graph.parameter("fast", [1], .zeros)
    try Optimizer(.sgd()).minimize(
      (slow + fast).sum(), parameters: [slow, fast], learningRate: graph.constant(0.5),
      learningRateFactor: { $0 == "fast" ? 4 : 1 })
    let interpreter = Interpreter(graph)
    _ = interpreter.run([])
    #expect(interpreter.variables["slow"]?.values == [-0.5])
    #expect(interpreter.variables["fast"]?.values == [-2])
  }

  @Test func parametersStayWithinTheirLimit() throws {
    let limited = Optimizer(.sgd(), weightClip: 0.25)
    #expect(try step(limited, gradient: [3, -0.125], from: [0, 0]).value == [-0.25, 0.125])
  }

  @Test func whatAnOptimizerKeepsIsNamed() throws {
    let result = try step(Optimizer(.adam()), gradient: [2], from: [0], rate: 0.1)
    #expect(
      result.variables.keys.sorted() == [
        "optimizer.p.mean", "optimizer.p.square", "optimizer.step", "p",
      ])
    #expect(result.variables["optimizer.step"]?.values == [1])
    // Adam's first step is the learning rate, whatever the gradient.
    #expect(abs(result.value[0] + 0.1) < 1e-6)
  }

  @Test func onlyVariablesAreTrained() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    #expect(throws: NetworkError.self) {
      try Optimizer(.sgd()).minimize(x.sum(), parameters: [x], learningRate: graph.constant(1))
    }
  }
}

@Suite struct TrainingTests {
  /// SPEC's back-propagation by hand: two inputs, two hidden and two output units, sigmoid.
  @Test func backPropagationByHand() throws {
    let graph = Graph()
    let network = Network(input: [2]) {
      Dense(2, activation: .sigmoid).named("hidden")
      Dense(2, activation: .sigmoid).named("output")
    }
    let built = try network.build(on: graph, batch: 1, mode: .training)
    let target = try graph.input("target", [1, 2])
    let loss = try Loss.halfSquaredError(built.output, target)
    let updates = try Optimizer(.sgd()).minimize(
      loss, parameters: built.parameters, learningRate: graph.constant(0.5))
    let gradient = try #require(updates.first { $0.name == "output.weight" }).gradient
    let hidden = try #require(built.output(of: "hidden"))

    let interpreter = Interpreter(graph)
    interpreter.variables["hidden.weight"] = ReferenceTensor([2, 2], [0.15, 0.20, 0.25, 0.30])
    interpreter.variables["hidden.bias"] = .row([0.35, 0.35])
    interpreter.variables["output.weight"] = ReferenceTensor([2, 2], [0.40, 0.45, 0.50, 0.55])
    interpreter.variables["output.bias"] = .row([0.60, 0.60])
    let results = interpreter.run(
      [hidden, built.logits, built.output, gradient, loss],
      inputs: [
        built.input: ReferenceTensor([1, 2], [0.05, 0.10]),
        target: ReferenceTensor([1, 2], [0.01, 0.99]),
      ])
    func near(_ value: Double?, _ expected: Double) -> Bool {
      value.map { abs($0 - expected) < 6e-10 } ?? false
    }
    #expect(near(results[0].values[0], 0.593269992))
    #expect(near(results[1].values[0], 1.105905967))
    #expect(near(results[2].values[0], 0.75136507))
    #expect(near(results[3].values[0], 0.082167041))
    // E(o1) = 0.274811083, E(o2) = 0.023560026.
    #expect(near(results[4].values[0], 0.298371109))
    #expect(near(interpreter.variables["output.weight"]?.values[0], 0.35891648))
  }

  /// A convolution, a batch norm and two dense layers learn eight pictures by heart.
  @Test func aSmallNetworkOverfits() throws {
    let graph = Graph()
    let network = Network(input: [4, 4, 1]) {
      Conv2D(4, 3, padding: .same, bias: false)
      BatchNorm(activation: .relu)
      MaxPool2D(2)
      Flatten()
      Dense(8, activation: .relu)
      Dense(3, activation: .softmax)
    }
    let built = try network.build(on: graph, batch: 8, mode: .training)
    let target = try graph.input("target", [8, 3])
    let loss = try Loss.crossEntropy()(built.logits, target)
    let rate = try graph.input("rate", [])
    try Optimizer(.adam(), clipping: .norm(5)).minimize(
      loss, parameters: built.parameters, learningRate: rate)

    var random = RandomSource(seed: 3)
    let pictures = ReferenceTensor.random([8, 1, 4, 4], &random)
    let labels = (0..<8).flatMap { index in (0..<3).map { $0 == index % 3 ? 1.0 : 0 } }
    let schedule = Schedule.oneCycle(steps: 80)
    let interpreter = Interpreter(graph, random: RandomSource(seed: 4))
    var losses: [Double] = []
    var probabilities: [Double] = []
    for step in 0..<80 {
      let results = interpreter.run(
        [loss, built.output],
        inputs: [
          built.input: pictures, target: ReferenceTensor([8, 3], labels),
          rate: ReferenceTensor([], [Double(0.05 * schedule.factor(at: step))]),
        ])
      losses.append(results[0].values[0])
      probabilities = results[1].values
    }
    #expect(losses[0] > 0.7)
    #expect(losses[79] < 0.02, "\(losses)")
    for (index, label) in labels.enumerated() where label == 1 {
      #expect(probabilities[index] > 0.9)
    }
  }
}
