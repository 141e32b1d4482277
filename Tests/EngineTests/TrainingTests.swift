import Engine
import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct TrainingTests {
  /// The two-layer network of SPEC §3, worked by hand to nine digits. Float32 holds 24 bits, so
  /// that about seven of them can be asked for: 6e-8 of a number between ½ and 1.
  @Test(arguments: [true, false])
  func matchesTheHandWorkedNumbers(optimizes: Bool) throws {
    let graph = Graph()
    let x = graph.constant(Tensor([1, 2], [0.05, 0.10]))
    let target = graph.constant(Tensor([1, 2], [0.01, 0.99]))
    let hiddenWeight = try graph.parameter("w1", [2, 2], .zeros)
    let hiddenBias = try graph.parameter("b1", [2], .constant(0.35))
    let outputWeight = try graph.parameter("w2", [2, 2], .zeros)
    let outputBias = try graph.parameter("b2", [2], .constant(0.60))
    let dense = MatrixMultiply(transposeRight: true)
    let netHidden = try graph.apply(BiasAdd(), graph.apply(dense, x, hiddenWeight), hiddenBias)
    let outHidden = try netHidden.map(.sigmoid)
    let netOutput = try graph.apply(
      BiasAdd(), graph.apply(dense, outHidden, outputWeight), outputBias)
    let out = try netOutput.map(.sigmoid)
    let errors = try (target - out).map(.square) * 0.5
    let gradient = try graph.gradients(of: errors.sum(), withRespectTo: [outputWeight])[0]
    try graph.minimize(
      errors.sum(), [hiddenWeight, hiddenBias, outputWeight, outputBias], .sgd(), rate: 0.5)

    let store = VariableStore()
    try store.initialize(graph.variables, random: RandomSource(seed: 1))
    store["w1"] = Tensor([2, 2], [0.15, 0.20, 0.25, 0.30])
    store["w2"] = Tensor([2, 2], [0.40, 0.45, 0.50, 0.55])
    let outputs = [netHidden, outHidden, netOutput, out, errors, gradient]
    let plan = try Plan(
      graph, outputs: outputs, variables: store, options: PlanOptions(optimizes: optimizes))
    try plan.run()
    let expected = [0.3775, 0.593269992, 1.105905967, 0.75136507, 0.274811083, 0.082167041]
    for (output, value) in zip(outputs, expected) {
      let result = Double(try plan.output(output).scalars[0])
      #expect(abs(result - value) <= 1.2e-7 * abs(value) + 5e-10, "\(result) is not \(value)")
    }
    let updated = Double(try #require(store["w2"]).scalars[0])
    #expect(abs(updated - 0.35891648) < 3e-8)
    let first = Double(try #require(store["w1"]).scalars[0])
    #expect(abs(first - (0.15 - 0.5 * 0.000438568)) < 3e-8)
  }

  /// A convolution, batch normalization and a dense layer on 32 random images of four classes.
  private struct Classifier {
    let graph = Graph()
    let x: Node
    let target: Node
    let loss: Node
    let logits: Node

    init() throws {
      x = try graph.input("x", [32, 3, 8, 8])
      target = try graph.input("target", [32, 4])
      let w = try graph.parameter("w", [16, 3, 3, 3], .heNormal, fanIn: 27)
      let scale = try graph.parameter("scale", [16], .constant(1))
      let shift = try graph.parameter("shift", [16], .zeros)
      let dense = try graph.parameter("dense", [4, 256], .glorotUniform, fanIn: 256, fanOut: 4)
      let normal = try graph.apply(
        BatchNormalization(), [x.applying(Convolution(padding: 1), w), scale, shift])
      let pooled = try normal[0].map(.relu).applying(MaxPool(window: 2))
      let kept =
        try pooled * graph.apply(DropoutMask(keepProbability: 0.9, shape: pooled.shape), [])[0]
      logits = try kept.reshaped(to: [32, 256]).applying(
        MatrixMultiply(transposeRight: true), dense)
      loss = try logits.applying(SoftmaxCrossEntropy(), target).mean()
      try graph.minimize(loss, [w, scale, shift, dense], .adam(), rate: 0.01)
    }

    /// The losses of some steps.
    func train(
      steps: Int, threads: Int, precision: Precision = .float32
    ) throws -> (losses: [Float], store: VariableStore) {
      let store = VariableStore()
      try store.initialize(graph.variables, random: RandomSource(seed: 3))
      let plan = try Plan(
        graph, outputs: [loss], variables: store, random: RandomSource(seed: 5),
        options: PlanOptions(threads: threads, precision: precision))
      var random = RandomSource(seed: 4)
      try plan.withInput(x) { random.fillNormal($0) }
      try plan.withInput(target) { values in
        for index in values.indices { values[index] = index / 4 % 4 == index % 4 ? 1 : 0 }
      }
      var losses: [Float] = []
      for _ in 0..<steps {
        try plan.run()
        losses.append(try plan.output(loss).scalars[0])
      }
      return (losses, store)
    }
  }

  @Test func overfits32Images() throws {
    let (losses, _) = try Classifier().train(steps: 60, threads: 2)
    #expect(losses[0] > 1)
    #expect(losses[59] < 0.02, "\(losses)")
  }

  @Test func sameSeedSameBits() throws {
    let classifier = try Classifier()
    let first = try classifier.train(steps: 20, threads: 2)
    let second = try classifier.train(steps: 20, threads: 2)
    #expect(first.losses == second.losses)
    for name in first.store.names { #expect(first.store[name] == second.store[name]) }
  }

  @Test func oneThreadDiffersByRoundingAlone() throws {
    let classifier = try Classifier()
    let two = try classifier.train(steps: 10, threads: 2).losses
    let one = try classifier.train(steps: 10, threads: 1).losses
    for (a, b) in zip(one, two) { #expect(abs(a - b) < 1e-3 * abs(b), "\(one) \(two)") }
  }

  @Test func bfloat16ComesClose() throws {
    let classifier = try Classifier()
    let full = try classifier.train(steps: 10, threads: 2).losses
    do {
      let half = try classifier.train(steps: 10, threads: 2, precision: .bfloat16).losses
      for (a, b) in zip(half, full) { #expect(abs(a - b) < 0.05 * abs(b) + 0.02, "\(half)") }
      #expect(half != full)
    } catch EngineError.unavailable(let message) {
      #expect(message.contains("fp32"))
    }
  }

  /// Training, then validating on the same variables by a second plan, then training on.
  @Test func plansShareVariables() throws {
    let graph = Graph()
    let x = try graph.input("x", [4, 16, 6, 6])
    let w = try graph.parameter("w", [16, 16, 3, 3], .heNormal, fanIn: 144)
    let b = try graph.parameter("b", [16], .constant(0.5))
    let y = try x.applying(Convolution(padding: 1), w).applying(BiasAdd(), b)
    let loss = try y.map(.square).mean()
    try graph.minimize(loss, [w, b], .sgd(), rate: 0.1)
    let single = try graph.input("single", [1, 16, 6, 6])
    let answer = try single.applying(Convolution(padding: 1), w).applying(BiasAdd(), b)

    let store = VariableStore()
    try store.initialize(graph.variables, random: RandomSource(seed: 1))
    let training = try Plan(graph, outputs: [loss], variables: store)
    let inference = try Plan(graph, outputs: [answer], assignments: .none, variables: store)
    var random = RandomSource(seed: 2)
    let images = ReferenceTensor.random([4, 16, 6, 6], &random)
    try training.setInput(x, images.tensor)
    let one = ReferenceTensor([1, 16, 6, 6], Array(images.values[..<576]))
    try inference.setInput(single, one.tensor)
    let interpreter = Interpreter(graph, random: RandomSource(seed: 1))
    for _ in 0..<3 {
      try training.run()
      try inference.run()
      _ = interpreter.run([loss], inputs: [x: images])
      let expected = interpreter.run([answer], inputs: [single: one], assigns: false)[0]
      #expect(try relativeError(inference.output(answer), expected) < 1e-5)
    }
    // A value set from outside is seen by the next run.
    store["w"] = .zeros([16, 16, 3, 3])
    store["b"] = Tensor([16], repeating: 2)
    try inference.run()
    #expect(try inference.output(answer).scalars.allSatisfy { $0 == 2 })
    #expect(store.names == ["b", "w"])
  }

  @Test(arguments: [
    OptimizerRule.sgd(weightDecay: 0.1), .sgd(momentum: 0.9, nesterov: true), .adam(),
    .adam(beta1: 0.5, weightDecay: 0.1, decoupledWeightDecay: true), .rmsProp(),
    .rmsProp(momentum: 0.5),
    .adagrad(), .adadelta(),
  ])
  func optimizers(_ rule: OptimizerRule) throws {
    let comparison = Comparison()
    let graph = comparison.graph
    let p = try graph.parameter("p", [150, 77], .normal(std: 1))
    let q = try graph.parameter("q", [5], .normal(std: 1))
    let loss = try (p - 0.5).map(.square).sum() + q.map(.square).sum()
    try graph.minimize(loss, [p, q], rule, rate: 0.05)
    try comparison.expect([loss], tolerance: 3e-5, runs: 5)
  }

  @Test func notANumberIsTracedToWhereItBegan() throws {
    let graph = Graph()
    let x = try graph.input("x", [2, 16, 6, 6])
    let w = try graph.parameter("w", [16, 16, 3, 3], .heNormal, fanIn: 144)
    let y = try graph.withLabel("conv1") { try x.applying(Convolution(padding: 1), w) }
    let root = try graph.withLabel("root") { try y.map(.sqrt) }
    let loss = try root.mean()
    try graph.minimize(loss, [w], .sgd(), rate: 0.1)
    let store = VariableStore()
    try store.initialize(graph.variables, random: RandomSource(seed: 1))
    let plan = try Plan(graph, outputs: [loss], variables: store)
    try plan.setInput(x, Tensor(x.shape, repeating: 0))
    try plan.run()
    store["w"] = Tensor(w.shape, repeating: 0.1)
    #expect(try plan.firstNonFinite()?.label == "root (gradient)")
    store["w"] = Tensor(w.shape, repeating: 0.1)
    try plan.setInput(x, Tensor(x.shape, repeating: -1))
    try plan.run()
    store["w"] = Tensor(w.shape, repeating: 0.1)
    let report = try #require(try plan.firstNonFinite())
    #expect(report.label == "root")
    #expect(report.value == "not a number")
    store["w"] = Tensor(w.shape, repeating: .infinity)
    #expect(try plan.firstNonFinite()?.description == "w: variable gave a value that is infinite")
  }

  @Test func mistakesAreNamed() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    let p = try graph.parameter("p", [2], .zeros)
    let y = try x + p
    #expect(throws: EngineError.self) {
      try Plan(graph, outputs: [y], variables: VariableStore())
    }
    let store = VariableStore()
    store["p"] = .zeros([3])
    #expect(throws: EngineError.mismatch("variable p: expected 2, received 3")) {
      try Plan(graph, outputs: [y], variables: store)
    }
    store["p"] = .zeros([2])
    let plan = try Plan(graph, outputs: [y], variables: store)
    #expect(throws: EngineError.self) { try plan.setInput(x, .zeros([3])) }
    #expect(throws: EngineError.self) { try plan.setInput(y, .zeros([2])) }
    #expect(throws: EngineError.self) { try plan.output(x) }
  }
}
