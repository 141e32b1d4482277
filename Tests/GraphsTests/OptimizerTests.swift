import Graphs
import Tensors
import TestSupport
import Testing

/// The first 20 steps of each optimizer on a linear least-squares problem, against PyTorch.
@Suite struct OptimizerTests {
  static let optimizers: [(name: String, rate: Float, rule: OptimizerRule)] = [
    ("sgd", 0.05, .sgd()),
    ("sgd decay", 0.05, .sgd(weightDecay: 0.125)),
    ("momentum", 0.02, .sgd(momentum: 0.875, weightDecay: 0.125)),
    ("nesterov", 0.02, .sgd(momentum: 0.875, nesterov: true)),
    ("adam", 0.1, .adam(beta1: 0.875, beta2: 0.9375, weightDecay: 0.125)),
    (
      "adamW", 0.1,
      .adam(beta1: 0.5, beta2: 0.9375, weightDecay: 0.125, decoupledWeightDecay: true)
    ),
    ("rmsProp", 0.02, .rmsProp(decay: 0.875, epsilon: 0x1p-20, weightDecay: 0.125)),
    ("rmsProp momentum", 0.02, .rmsProp(decay: 0.875, epsilon: 0x1p-20, momentum: 0.5)),
    ("adagrad", 0.25, .adagrad(weightDecay: 0.125)),
    ("adadelta", 1, .adadelta(decay: 0.875, epsilon: 0x1p-10, weightDecay: 0.125)),
  ]

  @Test(arguments: optimizers.indices)
  func twentySteps(_ index: Int) throws {
    let (name, rate, rule) = Self.optimizers[index]
    let fixture = try Fixture("optimizers.json")
    let graph = Graph()
    let a = graph.constant(try fixture.tensor("a").tensor)
    let target = graph.constant(try fixture.tensor("t").tensor)
    let p = try graph.parameter("p", [5], .zeros)
    let prediction = try a.applying(MatrixMultiply(), p.reshaped(to: [5, 1])).reshaped(to: [8])
    let loss = try (prediction - target).map(.square).mean()
    let gradient = try graph.gradients(of: loss, withRespectTo: [p])[0]

    var inputs = [p, gradient, graph.constant(rate)]
    if rule.countsSteps {
      let step = try graph.buffer("step", [], .zeros)
      try graph.assign(step, step + 1)
      inputs.append(try step + 1)
    }
    let states = try rule.states.map { try graph.buffer($0, [5], .zeros) }
    let updated = try graph.apply(OptimizerUpdate(rule), inputs + states)
    for (variable, value) in zip([p] + states, updated) { try graph.assign(variable, value) }

    let interpreter = Interpreter(graph)
    interpreter.variables["p"] = try fixture.tensor("p")
    let path = try fixture.tensor(name)
    for step in 0..<20 {
      _ = interpreter.run([])
      let expected = ReferenceTensor([5], Array(path.values[step * 5..<step * 5 + 5]))
      let p = try #require(interpreter.variables["p"])
      #expect(p.largestError(against: expected) < 2e-7, "step \(step + 1)")
    }
  }
}
