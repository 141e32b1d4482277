import Datasets
import Engine
import Images
import ModelFiles
import Models
import Networks
import Training

/// Learning to tell the level of the noise in images.
public struct NoiseEstimatorTask: LearningTask {
  public static let id = ModelTask.restoration.rawValue
  public static let examples = "patches"

  public let settings: NoiseEstimatorSettings
  let images: Dataset
  /// nil where nothing is measured.
  let validation: Dataset?
  let card: ModelCard

  /// - Parameters:
  ///   - images: what to learn from: at least one.
  ///   - validation: what the epochs are measured by; nil keeps the last one as the best.
  ///   - card: what the model file says beside the measured quality.
  public init(
    settings: NoiseEstimatorSettings, images: Dataset, validation: Dataset?, card: ModelCard
  ) {
    self.settings = settings
    self.images = images
    self.validation = validation
    self.card = card
  }

  public var configuration: any Encodable & Sendable { settings }
  public var data: [DataIdentity] { [settings.data] }
  public var phases: [any Phase] { [NoiseEstimatorPhase(task: self)] }

  public static let columns = [
    Column("loss", title: "loss", format: .decimals(3), chart: "Negative log-likelihood"),
    Column(
      "error", title: "error", format: .decimals(3), chart: "Error of log(1 + σ/2)",
      series: "validation"),
    Column(
      "right", title: "right", format: .percent, chart: "Levels that are told right",
      series: "validation"),
  ]

  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    if let right = measures.values["right"], let validation {
      card.metrics = ["right": right]
      let levels = NoiseEstimatorPhase.measuredSigmas.map { "\($0)" }.joined(separator: ", ")
      card.evaluatedOn =
        "\(validation.count) images held out from training, with noise of \(levels)"
    }
    return try snapshot.modelFile(
      of: network(), card: card,
      metadata: [RestorationTask.kindKey: Restoration.Kind.noiseEstimation.rawValue])
  }

  func network() throws(TrainingError) -> Network {
    do { return try Models.noiseEstimator(size: settings.patch, channels: settings.channels) } catch
    {
      throw TrainingError(wrapping: error)
    }
  }
}

/// Everything of a noise estimator's training that decides how it goes, beside data, seed and threads.
public struct NoiseEstimatorSettings: Sendable, Encodable {
  /// Where the images lie.
  public var data: DataIdentity
  /// Channels of the first convolution.
  public var channels: Int
  /// The side of the parts that are looked at, in pixels.
  public var patch: Int
  public var epochs: Int
  public var stepsPerEpoch: Int
  /// Parts in a step.
  public var batchSize: Int
  public var learningRate: Float
  public var precision: Precision

  public init(
    data: DataIdentity, channels: Int = 24, patch: Int = 48, epochs: Int, stepsPerEpoch: Int = 500,
    batchSize: Int = 64, learningRate: Float = 0.002, precision: Precision = .float32
  ) {
    self.data = data
    self.channels = channels
    self.patch = patch
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.precision = precision
  }

  private enum CodingKeys: CodingKey {
    case channels, patch, stepsPerEpoch, batchSize, learningRate, precision
  }
}
