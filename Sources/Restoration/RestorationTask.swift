import Datasets
import ModelFiles
import Networks
import Training

/// Learning to restore images: a network that sees parts of photographs made worse, and should make them
/// what they were.
public struct RestorationTask: LearningTask {
  public static let id = ModelTask.restoration.rawValue
  public static let examples = "patches"

  public let restoration: Restoration
  public let settings: RestorationSettings
  let images: Dataset
  /// nil where nothing is measured.
  let validation: Dataset?
  let card: ModelCard
  let pretrainedWeights: TensorTable
  /// What an upscaler is sharpened by; nil for one that is not.
  let features: FeatureDistance?

  /// - Parameters:
  ///   - images: what to learn from: at least one.
  ///   - validation: what the epochs are measured by; nil keeps the last one as the best.
  ///   - card: what the model file says beside the measured quality.
  ///   - pretrainedWeights: the values that are not random at the beginning, by name.
  ///   - features: what an upscaler is sharpened by; nil for the smallest absolute error.
  public init(
    _ restoration: Restoration, settings: RestorationSettings, images: Dataset,
    validation: Dataset?, card: ModelCard, pretrainedWeights: TensorTable = TensorTable(),
    features: FeatureDistance? = nil
  ) {
    self.restoration = restoration
    self.settings = settings
    self.images = images
    self.validation = validation
    self.card = card
    self.pretrainedWeights = pretrainedWeights
    self.features = features
  }

  public var configuration: any Encodable & Sendable { settings }
  public var data: [DataIdentity] { [settings.data] }
  public var phases: [any Phase] {
    if let features { return [SharpeningPhase(task: self, features: features)] }
    return [RestorationPhase(task: self)]
  }

  public static let columns = [
    Column("loss", title: "loss", format: .significant, chart: "Loss"),
    Column(
      "discriminator_loss", title: "D loss", format: .decimals(3), chart: "Discriminator's loss",
      isShown: false),
    Column("psnr", title: "PSNR", format: .decimals(2), chart: "PSNR in dB", series: "validation"),
    Column(
      "distance", title: "distance", format: .decimals(4), chart: "Distance of features",
      series: "validation", isShown: false),
  ]

  /// The key of a model file's metadata that says what it restores.
  static let kindKey = "restoration"
  /// How many pixels the network makes of one, along a side.
  static let scaleKey = "scale"
  /// How far the network sees, in pixels of the input.
  static let reachKey = "reach"

  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    if let psnr = measures.values["psnr"], let validation {
      card.metrics = ["psnr": psnr]
      if let distance = measures.values["distance"] { card.metrics["feature_distance"] = distance }
      card.evaluatedOn =
        "parts from the middle of \(validation.count) images held out from training"
    }
    return try snapshot.modelFile(
      of: network(size: Self.storedSize), card: card,
      metadata: [
        Self.kindKey: restoration.kind.rawValue,
        Self.scaleKey: "\(restoration.scale)",
        Self.reachKey: "\(restoration.reach(settings.network))",
      ])
  }

  /// Height and width of the input that the network is stored with, and exported; it is run with others.
  private static let storedSize = 256

  func network(size: Int) throws(TrainingError) -> Network {
    do { return try restoration.network(settings.network, size: size) } catch {
      throw TrainingError(wrapping: error)
    }
  }
}
