import Datasets
import ModelFiles
import Models
import Networks
import Training

/// Learning to generate images: a generator and a discriminator against each other.
public struct GANTask: LearningTask {
  public static let id = ModelTask.generation.rawValue
  public static let examples = "images"

  public let settings: GANSettings
  let networks: Models.DCGAN
  let images: Dataset
  let reference: GANEvaluator?
  let card: ModelCard

  /// - Parameters:
  ///   - images: what to learn from: at least one.
  ///   - reference: what quality is measured against; nil to keep the last generator as the best.
  ///   - card: what the model file says beside the measured quality.
  public init(
    settings: GANSettings, images: Dataset, reference: GANEvaluator?, card: ModelCard
  ) throws(TrainingError) {
    self.settings = settings
    self.images = images
    self.reference = reference
    self.card = card
    let recipe = settings.recipe
    guard recipe.normalization != .batch || recipe.r1Gamma + recipe.gradientPenaltyWeight == 0
    else { throw .options("a gradient penalty needs a discriminator without batch normalization") }
    do throws(NetworkError) {
      networks = try Models.DCGAN(
        size: settings.size, width: settings.width, latent: settings.latentSize,
        normalizesDiscriminator: recipe.normalization == .batch)
    } catch { throw .options("\(error)") }
  }

  public var configuration: any Encodable & Sendable { settings }
  public var data: [DataIdentity] { [settings.data] }
  public var phases: [any Phase] { [AdversarialPhase(task: self)] }

  public static let columns = [
    Column(
      "discriminator_loss", title: "D loss", format: .decimals(3), chart: "Losses",
      series: "discriminator"),
    Column(
      "generator_loss", title: "G loss", format: .decimals(3), chart: "Losses",
      series: "generator"),
    Column(
      "d_real", title: "D(x)", format: .decimals(3), chart: "Probability of being real"),
    Column(
      "d_fake", title: "D(G(z))", format: .decimals(3), chart: "Probability of being real"),
    Column(
      "frechet_distance", title: "Fréchet", format: .significant, chart: "Fréchet distance",
      series: "to images held out"),
    Column(
      "kernel_distance", title: "kernel", format: .significant, chart: "Kernel distance",
      series: "to images held out", isShown: false),
    Column(
      "diversity", title: "diversity", format: .decimals(3), chart: "Diversity",
      series: "of generated images, real ones 1", isShown: false),
  ]

  /// The generator as it is kept, with its card.
  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    if let quality = measures.details as? GANMetrics {
      card.metrics = [
        "frechet_distance": quality.frechetDistance, "kernel_distance": quality.kernelDistance,
        "diversity": quality.diversity,
      ]
      card.evaluatedOn =
        "\(quality.generatedCount) samples against \(quality.realCount) images held out from "
        + "training, on the features of \(quality.features)"
    }
    return try snapshot.modelFile(
      of: networks.generator, scope: AdversarialPhase.generator, card: card,
      metadata: [HoldOut.key: HoldOut.text(settings.holdOutInterval)])
  }
}
