import Datasets
import Engine
import Graphs
import ModelFiles
import Models
import Networks
import Training

/// An upscaler learns to make details that look real, rather than the mean of all that could be there: the
/// upscaler and a discriminator against each other.
///
/// C. Ledig et al.: *Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network*
/// (SRGAN). 2017, arXiv 1609.04802, §2.2: the content loss is the distance of features, beside it the adversarial
/// loss. Departures: features of length 1 of several stages (Zhang et al. 2018), a discriminator of parts (Isola et
/// al. 2017), and some of the absolute error that the upscaler learned from before (Wang et al. 2018, arXiv
/// 1809.00219, §3.3), so that colors stay.
struct SharpeningPhase: Phase {
  let task: RestorationTask
  let features: FeatureDistance

  private static let upscaler = "upscaler"
  private static let discriminator = "discriminator"
  private static let absoluteWeight: Float = 5
  private static let featureWeight: Float = 1
  private static let adversarialWeight: Float = 0.02

  var plan: PhasePlan {
    task.settings.plan(
      "sharpening", floor: 0.02, emaScope: Self.upscaler + ".",
      selection: task.validation.map { _ in Selection(("distance", largest: false)) })
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    task.restoration.patches(of: task.images, side: task.settings.patch)
  }

  func initialValues(_ context: PhaseContext) throws(TrainingError) -> TensorTable {
    task.pretrainedWeights
  }

  /// A classifier that begins with a stride is blind to some patterns, and an upscaler would learn to hide errors
  /// in them: every other step looks at the images from a pixel further on.
  var variants: [Variant] { [Variant("even"), Variant("odd")] }

  func variant(step: Int, bucket: Int) -> Variant { variants[step % 2] }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let input = try step.input(UpscalingPatches.image)
      let target = try step.input(UpscalingPatches.target)
      let upscaler = try task.network(size: task.settings.patch).build(on: input, mode: .training)
      let made = upscaler.output
      let adam = Optimizer(.adam())
      let rate = task.settings.learningRate

      // The discriminator's turn: the upscaler is held constant.
      let discriminator = try Models.patchDiscriminator(size: target.shape[2])
      let onReal = try discriminator.build(
        on: target, mode: .training, scope: Self.discriminator)
      let onMade = try discriminator.build(on: made, mode: .training, scope: Self.discriminator)
      let discriminatorLoss = try AdversarialLoss.nonSaturating.discriminator(
        real: onReal.output, fake: onMade.output)
      let updates = try step.minimize(
        discriminatorLoss, onReal.parameters, with: adam, learningRate: rate,
        stoppingGradientsAt: [made], scope: Self.discriminator)

      // The upscaler's turn: the discriminator, as it is now, is held constant.
      let judged = try discriminator.build(
        on: made, mode: .training, scope: Self.discriminator,
        values: Dictionary(updates.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
      let adversarial = try AdversarialLoss.nonSaturating.generator(fake: judged.output)
      let offset = variant == variants[0] ? 0 : 1
      let distance = try features(
        LumaChroma.rgb(Self.inner(made, offset)), LumaChroma.rgb(Self.inner(target, offset)))
      let error = try task.restoration.absoluteError(made, target)
      let loss =
        try error * Self.absoluteWeight + distance * Self.featureWeight
        + adversarial * Self.adversarialWeight
      step.freeze(features.values)
      try step.minimize(
        loss, upscaler.parameters, with: adam, learningRate: rate,
        stoppingGradientsAt: updates.map(\.value), scope: Self.upscaler)
      step.report("loss", loss)
      step.report("discriminator_loss", discriminatorLoss)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// The images without two rows and columns, of which `offset` are at the top and on the left.
  private static func inner(_ images: Node, _ offset: Int) throws(GraphError) -> Node {
    let shape = images.shape
    let slice = Slice(
      starts: [0, 0, offset, offset],
      ends: [shape[0], shape[1], shape[2] - 2 + offset, shape[3] - 2 + offset])
    return try images.graph.apply(slice, [images])[0]
  }

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    try task.measure(snapshot, features)
  }
}
