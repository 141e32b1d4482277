import Datasets
import Engine
import Figures
import Graphs
import Images
import Inference
import ModelFiles
import Models
import Networks
import Tensors
import Training

/// Both networks learn in every step: the discriminator to tell real images from the generator's, then
/// the generator to fool the discriminator that came of it.
///
/// I. Goodfellow et al.: *Generative Adversarial Nets*. 2014, arXiv 1406.2661, algorithm 1 with k = 1.
/// Both halves are one graph, so that the generator's images are computed once.
struct AdversarialPhase: Phase {
  let task: GANTask

  static let generator = "generator"
  static let discriminator = "discriminator"
  /// The images of an epoch's sample grid.
  private static let gridCount = 64

  private var recipe: GANRecipe { task.settings.recipe }

  var plan: PhasePlan {
    PhasePlan(
      id: "adversarial", epochs: recipe.epochs, batchSize: recipe.batchSize,
      schedule: { [recipe] steps in .decay(steps: steps, start: recipe.decayStart) },
      precision: recipe.precision,
      ema: recipe.emaHalfLife > 0 ? EMA(halfLife: recipe.emaHalfLife) : nil,
      emaScope: Self.generator + ".",
      selection: task.reference.map { _ in Selection(("frechet_distance", largest: false)) },
      recovery: .halvedRates)
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    let (size, channels) = (task.settings.size, task.networks.channels)
    let half = Array(repeating: Float(0.5), count: channels)
    return ImageExamples(
      task.images,
      form: Preprocessing(
        width: size, height: size, channels: channels, mean: half, std: half),
      augmentations: recipe.horizontalFlip ? [HorizontalFlip()] : [])
  }

  // MARK: - Steps

  private static let plain = Variant("plain")
  /// With R1, which is computed at every so manieth step only.
  private static let penalized = Variant("penalized")

  var variants: [Variant] {
    recipe.r1Gamma > 0 ? [Self.plain, Self.penalized] : [Self.plain]
  }

  func variant(step: Int, bucket: Int) -> Variant {
    recipe.r1Gamma > 0 && step % recipe.r1Interval == 0 ? Self.penalized : Self.plain
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let (recipe, networks, graph) = (recipe, task.networks, step.graph)
      let images = try step.input(ImageExamples.image)
      let latents = try graph.apply(
        RandomNormal(shape: [recipe.batchSize, networks.latent]), [])[0]
      let generator = try networks.generator.build(
        on: latents, mode: .training, scope: Self.generator)
      let fakes = generator.output

      // The discriminator's turn: the generator is held constant.
      var critic = try Critic(
        networks.discriminator, scope: Self.discriminator, normalization: recipe.normalization,
        graph: graph)
      let onReal = try critic.logits(images)
      let onFakes = try critic.logits(fakes)
      let discriminatorLoss = try recipe.loss.discriminator(real: onReal, fake: onFakes)
      var minimized = discriminatorLoss
      if variant == Self.penalized {
        minimized =
          try minimized
          + Self.r1(logits: onReal, images: images)
          * (recipe.r1Gamma / 2 * Float(recipe.r1Interval))
      }
      if recipe.gradientPenaltyWeight > 0 {
        let penalty = try Networks.gradientPenalty(real: images, fake: fakes) {
          (mixed) throws(NetworkError) in try critic.logits(mixed)
        }
        minimized = try minimized + penalty * recipe.gradientPenaltyWeight
      }
      let adam = OptimizerRule.adam(beta1: recipe.beta1, beta2: recipe.beta2)
      let updates = try step.minimize(
        minimized, critic.parameters, with: Optimizer(adam, weightClip: recipe.weightClip),
        learningRate: recipe.discriminatorLearningRate,
        stoppingGradientsAt: [fakes] + critic.vectors,
        scope: Self.discriminator)

      // The generator's turn: the discriminator, as it is now, is held constant.
      try critic.replace(updates)
      let generatorLoss = try recipe.loss.generator(fake: critic.logits(fakes))
      try step.minimize(
        generatorLoss, generator.parameters, with: Optimizer(adam),
        learningRate: recipe.generatorLearningRate,
        stoppingGradientsAt: updates.map(\.value) + critic.vectors, scope: Self.generator)

      step.report("discriminator_loss", discriminatorLoss)
      step.report("generator_loss", generatorLoss)
      step.report("d_real", try onReal.map(.sigmoid).mean())
      step.report("d_fake", try onFakes.map(.sigmoid).mean())
    } catch { throw TrainingError(wrapping: error) }
  }

  /// E‖∇D(x)‖² at real images (Mescheder et al. 2018, eq. 9, without γ / 2).
  private static func r1(logits: Node, images: Node) throws(GraphError) -> Node {
    let slopes = try images.graph.gradients(of: logits.sum(), withRespectTo: [images])[0]
    return try slopes.map(.square).sum(axes: [1, 2, 3]).mean()
  }

  // MARK: - After an epoch

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    var measures = Measures()
    if let reference = task.reference {
      let quality = try reference.quality(
        of: samples(0..<task.settings.evaluationSamples, snapshot))
      measures = Measures(
        [
          "frechet_distance": quality.frechetDistance, "kernel_distance": quality.kernelDistance,
          "diversity": quality.diversity,
        ], details: quality)
    }
    if snapshot.steps >= GANDiagnostics.firstStep {
      measures.warnings = GANDiagnostics.warnings(
        realProbability: snapshot.means["d_real"] ?? 0.5,
        fakeProbability: snapshot.means["d_fake"] ?? 0.5,
        samples: try samples(0..<Self.gridCount, snapshot),
        diversity: measures.values["diversity"])
    }
    return measures
  }

  /// Writes the sample grid of an epoch: `samples/epoch-0007.png`.
  func draw(_ snapshot: Snapshot, in folder: RunFolder) throws(TrainingError) {
    let digits = "\(snapshot.epoch)"
    let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    let path = try RunFolder(path: folder.file("samples")).file("epoch-\(number).png")
    do {
      try Image(
        montage: samples(0..<Self.gridCount, snapshot), columns: 8, gap: 0
      ).write(path: path)
    } catch { throw error as? TrainingError ?? .file(path: path, problem: "\(error)") }
  }

  /// The images of some seeds by the generator as it is kept.
  private func samples(_ seeds: Range<Int>, _ snapshot: Snapshot) throws(TrainingError) -> [Image] {
    do throws(InferenceError) {
      let generator = try snapshot.tool { () throws(InferenceError) in
        try ImageGenerator(
          generator: task.networks.generator, variables: snapshot.variables,
          scope: snapshot.scope(of: Self.generator), options: snapshot.context.options)
      }
      return try generator.images(
        of: seeds.map { Latents.latent(seed: UInt64($0), count: task.settings.latentSize) })
    } catch { throw TrainingError(wrapping: error) }
  }
}
