import Engine
import Graphs
import Models
import Networks
import Tensors

/// Training steps (loss and update included) and inference, on one and on all threads. The peers are
/// `peers/train_torch.py` and `peers/train_keras.py`, with the same networks and batches.
func benchmarkNetworks() throws {
  for precision in [Precision.float32, .bfloat16] {
    for threads in [1, 2] {
      let options = PlanOptions(threads: threads, precision: precision)
      let variant = "\(threads) \(precision.rawValue)"
      func measure(_ work: String, _ plans: [Plan]) throws {
        let timing = try Timing { for plan in plans { try plan.run() } }
        report("networks", work, variant, timing)
      }
      do {
        try measure(
          "small CNN, training, batch 64",
          [classifier(Models.smallCNN(input: [32, 32, 3]), batch: 64, .adam(), options)])
      } catch EngineError.unavailable {
        // This processor has no bfloat16.
        continue
      }
      let resNet = Models.ResNet.resNet18
      try measure(
        "ResNet-18 32², training, batch 128",
        [
          classifier(
            resNet.network(classes: 10, input: [32, 32, 3]), batch: 128, .sgd(momentum: 0.9),
            options)
        ])
      try measure("DCGAN 64², step, batch 128", adversaries(batch: 128, options))
      for batch in [1, 32] {
        try measure(
          "ResNet-18 224², inference, batch \(batch)",
          [inference(resNet.network(), batch: batch, options)])
      }
      try measure(
        "DCGAN generator, 64 images",
        [inference(try Models.DCGAN().generator, batch: 64, options)])
    }
  }
}

/// A plan whose runs are steps of a classifier's training on random images.
private func classifier(
  _ network: Network, batch: Int, _ rule: OptimizerRule, _ options: PlanOptions
) throws -> Plan {
  let graph = Graph()
  let built = try network.build(on: graph, batch: batch, mode: .training)
  let target = try graph.input("target", built.logits.shape)
  let loss = try Loss.crossEntropy()(built.logits, target)
  try Optimizer(rule).minimize(
    loss, parameters: built.parameters, learningRate: graph.constant(0.01))
  let plan = try plan(graph, loss, .all, VariableStore(), options)
  var random = RandomSource(seed: 2)
  try plan.withInput(built.input) { random.fillNormal($0) }
  try plan.withInput(target) { values in
    for index in values.indices { values[index] = index % 10 == index / 10 % 10 ? 1 : 0 }
  }
  return plan
}

private func inference(
  _ network: Network, batch: Int, _ options: PlanOptions
) throws -> Plan {
  let graph = Graph()
  let built = try network.build(on: graph, batch: batch, mode: .inference)
  let plan = try plan(graph, built.output, .none, VariableStore(), options)
  var random = RandomSource(seed: 2)
  try plan.withInput(built.input) { random.fillNormal($0) }
  return plan
}

/// The discriminator's step and the generator's.
private func adversaries(batch: Int, _ options: PlanOptions) throws -> [Plan] {
  let pair = try Models.DCGAN()
  let graph = Graph()
  let rate = graph.constant(2e-4)
  let latent = try graph.apply(RandomNormal(shape: [batch, 100]), [])[0]
  let fake = try pair.generator.build(on: latent, mode: .training, scope: "generator")
  let real = try graph.input("real", [batch, 3, 64, 64])
  let onReal = try pair.discriminator.build(on: real, mode: .training, scope: "discriminator")
  let onFake = try pair.discriminator.build(
    on: fake.output, mode: .training, scope: "discriminator", updatesStatistics: false)
  let adversarial = AdversarialLoss.nonSaturating
  let optimizer = Optimizer(.adam(beta1: 0.5))
  let criticLoss = try adversarial.discriminator(real: onReal.logits, fake: onFake.logits)
  try optimizer.minimize(
    criticLoss, parameters: onReal.parameters, learningRate: rate, scope: "discriminator.optimizer")
  let loss = try adversarial.generator(fake: onFake.logits)
  try optimizer.minimize(
    loss, parameters: fake.parameters, learningRate: rate, scope: "generator.optimizer")
  func variables(_ prefix: String) -> Assignments {
    .only(
      graph.variables.filter { $0.name.hasPrefix(prefix) }
        .compactMap { graph.variable(named: $0.name) })
  }
  let store = VariableStore()
  let critic = try plan(graph, criticLoss, variables("discriminator"), store, options)
  try critic.withInput(real) { values in
    var random = RandomSource(seed: 2)
    random.fillUniform(values)
    for index in values.indices { values[index] = 2 * values[index] - 1 }
  }
  return [critic, try plan(graph, loss, variables("generator"), store, options)]
}

private func plan(
  _ graph: Graph, _ output: Node, _ assignments: Assignments, _ store: VariableStore,
  _ options: PlanOptions
) throws -> Plan {
  store.initialize(graph.variables, random: RandomSource(seed: 1))
  return try Plan(
    graph, outputs: [output], assignments: assignments, variables: store, options: options)
}
