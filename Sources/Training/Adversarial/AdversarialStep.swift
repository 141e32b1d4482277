import Engine
import Graphs
import Models
import Networks
import Tensors

/// One step of adversarial training as a plan: the discriminator learns to tell real pictures from
/// the generator's, then the generator learns to fool the discriminator that came of it.
///
/// I. Goodfellow et al.: *Generative Adversarial Nets*. 2014, arXiv 1406.2661, algorithm 1 with k = 1.
/// Both halves are one graph, so that the generator's pictures are computed once.
package final class AdversarialStep {
  /// What a step says of the two networks as they were before it.
  package struct Outcome {
    /// What the discriminator minimises, penalties not counted.
    package var discriminatorLoss: Double
    /// What the generator minimises, against the discriminator after its update.
    package var generatorLoss: Double
    /// Mean probability that the discriminator gives to real pictures being real: D(x).
    package var realProbability: Double
    /// The same for the generator's pictures: D(G(z)).
    package var fakeProbability: Double
  }

  /// Everything that the step changes.
  let names: [String]
  /// The variables of the generator.
  let generatorVariables: [Variable]
  private let declared: [Variable]
  private let plan: Plan
  private let pictures: Node
  private let generatorRate: Node
  private let discriminatorRate: Node
  private let report: Node

  static let generatorScope = "generator"
  private static let discriminatorScope = "discriminator"

  /// - Parameters:
  ///   - penalizes: whether this step has the lazy penalty.
  ///   - variables: gets first values for those variables that have none.
  package init(
    pair: Models.DCGAN, recipe: GANRecipe, penalizes: Bool, variables: VariableStore,
    random: RandomSource, options: PlanOptions
  ) throws(TrainingError) {
    do {
      let graph = Graph()
      let batch = recipe.batchSize
      pictures = try graph.input("pictures", [batch, pair.channels, pair.size, pair.size])
      generatorRate = try graph.input("generator rate", [])
      discriminatorRate = try graph.input("discriminator rate", [])

      let latents = try graph.apply(RandomNormal(shape: [batch, pair.latent]), [])[0]
      let generator = try pair.generator.build(
        on: latents, mode: .training, scope: Self.generatorScope)
      let fakes = generator.output
      generatorVariables = graph.variables

      // The discriminator's turn: the generator is held constant.
      var critic = try Critic(
        pair.discriminator, scope: Self.discriminatorScope, normalization: recipe.normalization,
        graph: graph)
      let onReal = try critic.logits(pictures)
      let onFakes = try critic.logits(fakes)
      let discriminatorLoss = try recipe.loss.discriminator(real: onReal, fake: onFakes)
      var minimized = discriminatorLoss
      if penalizes {
        minimized =
          try minimized
          + Self.realPenalty(logits: onReal, pictures: pictures)
          * (recipe.realPenalty / 2 * Float(recipe.realPenaltyInterval))
      }
      if recipe.gradientPenalty > 0 {
        let penalty = try Networks.gradientPenalty(real: pictures, fake: fakes) {
          (mixed) throws(NetworkError) in try critic.logits(mixed)
        }
        minimized = try minimized + penalty * recipe.gradientPenalty
      }
      let adam = Optimizer(
        .adam(beta1: recipe.beta1, beta2: recipe.beta2), parameterLimit: recipe.weightLimit)
      let updates = try adam.minimize(
        minimized, parameters: critic.parameters, holding: [fakes] + critic.vectors,
        learningRate: discriminatorRate,
        scope: "optimizer.\(Self.discriminatorScope)")

      // The generator's turn: the discriminator, as it is now, is held constant.
      try critic.replace(updates)
      let generatorLoss = try recipe.loss.generator(fake: critic.logits(fakes))
      try Optimizer(.adam(beta1: recipe.beta1, beta2: recipe.beta2))
        .minimize(
          generatorLoss, parameters: generator.parameters,
          holding: updates.map(\.value) + critic.vectors, learningRate: generatorRate,
          scope: "optimizer.\(Self.generatorScope)")
      report = try graph.apply(
        Concatenate(axis: 0),
        [
          discriminatorLoss, generatorLoss, onReal.map(.sigmoid).mean(),
          onFakes.map(.sigmoid).mean(),
        ].map { (node) throws(GraphError) in try node.reshaped(to: [1]) })[0]
      declared = graph.variables
      names = declared.map(\.name)
      variables.initialize(declared, random: random.firstValues)
      plan = try Plan(
        graph, outputs: [report], assignments: .all, variables: variables,
        random: random.operations(phase: "adversarial"), options: options)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Learns from one batch.
  ///
  /// - Parameters:
  ///   - step: how many were done before; what is random follows from it.
  ///   - rateFactor: both learning rates are multiplied by it.
  ///   - fill: writes real pictures, N × C × H × W, −1…1.
  package func run(
    step: Int, recipe: GANRecipe, rateFactor: Float,
    fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(TrainingError) -> Outcome {
    do {
      plan.completedRuns = step
      try plan.withInput(generatorRate) { $0[0] = recipe.generatorRate * rateFactor }
      try plan.withInput(discriminatorRate) { $0[0] = recipe.discriminatorRate * rateFactor }
      try plan.withInput(pictures, fill)
      try plan.run()
      return try plan.withOutput(report) { values in
        Outcome(
          discriminatorLoss: Double(values[0]), generatorLoss: Double(values[1]),
          realProbability: Double(values[2]), fakeProbability: Double(values[3]))
      }
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Gives all variables the values that they had before the first step.
  func setFirstValues(of variables: VariableStore, random: RandomSource) {
    variables.setFirstValues(of: declared, random: random)
  }

  /// E‖∇D(x)‖² at real pictures (Mescheder et al. 2018, eq. 9, without γ / 2).
  private static func realPenalty(logits: Node, pictures: Node) throws(GraphError) -> Node {
    let slopes = try pictures.graph.gradients(of: logits.sum(), withRespectTo: [pictures])[0]
    return try slopes.map(.square).sum(axes: [1, 2, 3]).mean()
  }
}

/// The discriminator in a graph, applied to several batches of pictures.
private struct Critic {
  private let network: Network
  private let scope: String
  private(set) var parameters: [Node] = []
  private let norms: [String: SpectralNormalization]
  /// What stands in for the parameters: of spectral norm 1, or updated.
  private var values: [String: Node] = [:]

  init(
    _ network: Network, scope: String, normalization: GANRecipe.Normalization, graph: Graph
  ) throws {
    self.network = network
    self.scope = scope
    // Declares the variables; nothing depends on this input.
    let input = try graph.input("discriminator", network.inputShape.batched(1))
    let built = try network.build(
      on: input, mode: .training, scope: scope, updatesStatistics: false)
    parameters = built.parameters
    var norms: [String: SpectralNormalization] = [:]
    for parameter in parameters where normalization == .spectral && parameter.shape.rank > 1 {
      guard let name = parameter.variableName else { continue }
      let norm = try SpectralNormalization(of: parameter, name: name)
      norms[name] = norm
      values[name] = try norm.normalized(parameter)
    }
    self.norms = norms
  }

  /// What is held constant when gradients are taken.
  var vectors: [Node] { norms.values.flatMap(\.vectors) }

  /// Takes what an update made of the parameters.
  mutating func replace(_ updates: [ParameterUpdate]) throws(NetworkError) {
    for update in updates {
      values[update.name] = try norms[update.name]?.normalized(update.value) ?? update.value
    }
  }

  func logits(_ pictures: Node) throws(NetworkError) -> Node {
    try network.build(
      on: pictures, mode: .training, scope: scope, updatesStatistics: false, values: values
    ).logits
  }
}
