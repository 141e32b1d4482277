import Engine
import Graphs
import Models
import Networks
import Tensors
import Testing

/// Whole architectures through the engine: plans with all passes against plans with none.
@Suite(.serialized) struct PlanTests {
  /// Small inputs, so that the slow plans stay quick.
  static let small: [(name: String, input: Shape)] = [
    ("lenet5", [28, 28, 1]), ("small-cnn", [32, 32, 3]), ("photo-cnn", [24, 24, 3]),
    ("compact-resnet", [12, 12, 1]), ("whitened-cnn", [16, 16, 3]), ("resnet20", [16, 16, 3]),
    ("resnet18", [16, 16, 3]), ("resnet50", [16, 16, 3]), ("vgg11", [32, 32, 3]),
    ("mobilenetv2", [16, 16, 3]),
  ]

  @Test(arguments: small)
  func classifiersAnswerAlike(name: String, input: Shape) throws {
    try expectEqualPlans(try Models.named(name, classes: 10, input: input))
  }

  @Test func theDCGANPairAnswersAlike() throws {
    let pair = try Models.DCGAN(size: 32, width: 16, latent: 20)
    try expectEqualPlans(pair.generator)
    try expectEqualPlans(pair.discriminator)
  }

  private func expectEqualPlans(_ network: Network) throws {
    let graph = Graph()
    let built = try network.build(on: graph, batch: 3, mode: .inference)
    let variables = VariableStore()
    variables.initialize(graph.variables, random: RandomSource(seed: 1))
    let input = picture(built.input.shape)
    let outputs = try [true, false].map { optimizes in
      let plan = try Plan(
        graph, outputs: [built.output], assignments: .none, variables: variables,
        random: RandomSource(seed: 2), options: PlanOptions(optimizes: optimizes))
      try plan.setInput(built.input, input)
      try plan.run()
      return try plan.output(built.output)
    }
    #expect(largestError(outputs[0], outputs[1]) < 1e-4)
    #expect(outputs[0].scalars.allSatisfy { $0.isFinite })
  }

  /// Two steps of training give the same losses with and without passes.
  @Test(
    arguments: small.filter {
      ["small-cnn", "compact-resnet", "whitened-cnn", "resnet20", "mobilenetv2"].contains($0.name)
    })
  func trainingGoesAlike(name: String, input: Shape) throws {
    let network = try Models.named(name, classes: 10, input: input).withDropout(0)
    let runs = try [true, false].map { optimizes in try train(network, optimizes: optimizes) }
    for (fast, plain) in zip(runs[0], runs[1]) {
      #expect(abs(fast - plain) < 2e-3 * abs(plain), "\(runs)")
    }
    #expect(runs[0][1] < runs[0][0])
  }

  private func train(
    _ network: Network, optimizes: Bool
  ) throws -> [Float] {
    let graph = Graph()
    let built = try network.build(on: graph, batch: 8, mode: .training)
    let targets = try graph.input("targets", built.logits.shape)
    let loss = try Loss.crossEntropy()(built.logits, targets)
    try Optimizer(.sgd(momentum: 0.9)).minimize(
      loss, parameters: built.parameters, learningRate: graph.constant(0.01))
    let variables = VariableStore()
    variables.initialize(graph.variables, random: RandomSource(seed: 1))
    let plan = try Plan(
      graph, outputs: [loss], assignments: .all, variables: variables,
      random: RandomSource(seed: 2), options: PlanOptions(optimizes: optimizes))
    try plan.setInput(built.input, picture(built.input.shape))
    let classes = targets.shape[1]
    try plan.setInput(
      targets,
      Tensor(targets.shape, (0..<targets.shape.count).map { $0 % (classes + 1) == 0 ? 1 : 0 }))
    var losses: [Float] = []
    for _ in 0..<2 {
      try plan.run()
      losses.append(try plan.output(loss).scalars[0])
    }
    return losses
  }

  private func picture(_ shape: Shape) -> Tensor {
    var random = RandomSource(seed: 3)
    return Tensor(shape) { random.fillNormal($0) }
  }

  /// The largest difference as a share of the largest number.
  private func largestError(_ a: Tensor, _ b: Tensor) -> Float {
    let size = b.scalars.map(abs).max() ?? 0
    return (zip(a.scalars, b.scalars).map { abs($0 - $1) }.max() ?? .infinity) / max(1, size)
  }
}
