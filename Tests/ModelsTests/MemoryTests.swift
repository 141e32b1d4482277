import Engine
import Graphs
import Networks
import Tensors
import Testing

/// What networks with memory are known to learn, and what not, in seconds.
@Suite struct MemoryTests {
  /// A network that learns from batches that are made anew for each step.
  private struct Learner {
    let variables = VariableStore()
    private let layers: [NamedLayer]
    private let features: Int

    init(features: Int, @LayerBuilder _ layers: () -> [LayerBuilder.Element]) {
      self.features = features
      self.layers = Network(input: [1, features], layers).layers
    }

    private func network(steps: Int) -> Network {
      Network(input: [steps, features], layers: layers)
    }

    /// Takes steps of Adam with clipped gradients.
    func train(
      updates: Int, batch: Int, steps: Int, learningRate: Float, loss: Loss, seed: UInt64,
      _ make: (inout RandomSource) -> (input: [Float], target: [Float])
    ) throws {
      let graph = Graph()
      let built = try network(steps: steps).build(on: graph, batch: batch, mode: .training)
      let target = try graph.input("target", built.output.shape)
      let rate = try graph.input("rate", [])
      try Optimizer(.adam(), clipping: .norm(1)).minimize(
        loss(built.output, target), parameters: built.parameters, learningRate: rate)
      try variables.initialize(graph.variables, random: RandomSource(seed: seed))
      let plan = try Plan(
        graph, outputs: [], variables: variables, options: PlanOptions(threads: 1))
      var random = RandomSource(seed: seed).split("examples")
      try plan.withInput(rate) { $0[0] = learningRate }
      for _ in 0..<updates {
        let examples = make(&random)
        try plan.withInput(built.input) { _ = $0.update(fromContentsOf: examples.input) }
        try plan.withInput(target) { _ = $0.update(fromContentsOf: examples.target) }
        try plan.run()
      }
    }

    func output(_ input: [Float], batch: Int, steps: Int) throws -> [Float] {
      let graph = Graph()
      let built = try network(steps: steps).build(on: graph, batch: batch, mode: .inference)
      let plan = try Plan(
        graph, outputs: [built.output], assignments: .none, variables: variables,
        options: PlanOptions(threads: 1))
      try plan.withInput(built.input) { _ = $0.update(fromContentsOf: input) }
      try plan.run()
      return try plan.withOutput(built.output) { Array($0) }
    }
  }

  // MARK: - Parity

  /// Bits as ±1, and at each step whether there were oddly many ones so far.
  private static func parity(
    _ batch: Int, steps: Int, _ random: inout RandomSource
  ) -> (input: [Float], target: [Float]) {
    var (input, target): ([Float], [Float]) = ([], [])
    for _ in 0..<batch {
      var isOdd = false
      for _ in 0..<steps {
        let bit = random.integer(below: 2) == 1
        if bit { isOdd.toggle() }
        input.append(bit ? 1 : -1)
        target.append(isOdd ? 1 : 0)
      }
    }
    return (input, target)
  }

  /// The running parity of 16 bits is learned, and right at each of 32.
  @Test func runningParity() throws {
    let learner = Learner(features: 1) {
      LSTM(16, returnsSequences: true)
      TimeDistributed { Dense(1) }
    }
    try learner.train(
      updates: 1_000, batch: 32, steps: 16, learningRate: 0.02, loss: .binaryCrossEntropyFromLogits,
      seed: 1
    ) { Self.parity(32, steps: 16, &$0) }
    var random = RandomSource(seed: 99)
    let test = Self.parity(200, steps: 32, &random)
    let output = try learner.output(test.input, batch: 200, steps: 32)
    #expect(zip(output, test.target).allSatisfy { ($0 > 0) == ($1 > 0.5) })
  }

  // MARK: - The adding problem

  /// Numbers 0…1 beside marks, one in each half; the sum of the two that are marked (S. Hochreiter, J.
  /// Schmidhuber 1997, section 5.4).
  private static func adding(
    _ batch: Int, steps: Int, _ random: inout RandomSource
  ) -> (input: [Float], target: [Float]) {
    var (input, target): ([Float], [Float]) = ([], [])
    for _ in 0..<batch {
      let numbers = (0..<steps).map { _ in random.uniform() }
      let marked = [
        random.integer(below: steps / 2), steps / 2 + random.integer(below: steps / 2),
      ]
      input += numbers + (0..<steps).map { marked.contains($0) ? 1 : 0 }
      target.append(numbers[marked[0]] + numbers[marked[1]])
    }
    return (input, target)
  }

  /// The mean square error on 500 examples after 1,000 updates; a constant has 1/6.
  private func errorOfAdding(_ layer: any Layer, learningRate: Float) throws -> Double {
    let learner = Learner(features: 2) {
      layer
      Dense(1)
    }
    try learner.train(
      updates: 1_000, batch: 32, steps: 50, learningRate: learningRate, loss: .meanSquaredError,
      seed: 1
    ) { Self.adding(32, steps: 50, &$0) }
    var random = RandomSource(seed: 99)
    let test = Self.adding(500, steps: 50, &random)
    let output = try learner.output(test.input, batch: 500, steps: 50)
    return zip(output, test.target).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) } / 500
  }

  @Test func anLSTMAdds() throws {
    #expect(try errorOfAdding(LSTM(32), learningRate: 0.01) <= 0.01)
  }

  @Test func aSimpleRNNDoesNot() throws {
    #expect(try errorOfAdding(SimpleRNN(32), learningRate: 0.001) >= 0.1)
  }
}
