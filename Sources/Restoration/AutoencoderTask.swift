import Datasets
import Engine
import Images
import ModelFiles
import Models
import Networks
import Training

/// Learning to describe images by few numbers, without classes: a network that sees them with noise, puts
/// what it sees into a code, and should make the images of it.
public struct AutoencoderTask: LearningTask {
  public static let id = ModelTask.restoration.rawValue
  public static let examples = "images"

  public let settings: AutoencoderSettings
  let images: Dataset
  /// nil where nothing is measured.
  let validation: Dataset?
  let card: ModelCard
  /// Images that are held out from learning.
  public internal(set) var heldOutCount: Int

  /// - Parameters:
  ///   - images: what to learn from: at least one.
  ///   - validation: what the epochs are measured by; nil keeps the last one as the best.
  ///   - card: what the model file says beside the measured quality.
  public init(
    settings: AutoencoderSettings, images: Dataset, validation: Dataset?, card: ModelCard
  ) {
    self.settings = settings
    self.images = images
    self.validation = validation
    self.card = card
    heldOutCount = validation?.count ?? 0
  }

  public var configuration: any Encodable & Sendable { settings }
  public var data: [DataIdentity] { [settings.data] }
  public var phases: [any Phase] { [AutoencoderPhase(task: self)] }

  public static let columns = [
    Column("loss", title: "loss", format: .significant, chart: "Mean squared error"),
    Column("psnr", title: "PSNR", format: .decimals(2), chart: "PSNR in dB", series: "validation"),
    Column(
      "neighbors", title: "neighbors", format: .decimals(3),
      chart: "Images whose nearest code is of their class", series: "validation"),
  ]

  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    card.preprocessing = settings.form
    if let psnr = measures.values["psnr"], let validation {
      card.metrics = ["psnr": psnr]
      if let share = measures.values["neighbors"] { card.metrics["neighbors"] = share }
      card.evaluatedOn =
        "\(validation.count) images held out from training, with noise of \(NoisyImages.measuredSigma)"
    }
    return try snapshot.modelFile(
      of: network(), card: card,
      metadata: [RestorationTask.kindKey: Restoration.Kind.autoencoding.rawValue])
  }

  func network() throws(TrainingError) -> Network {
    do {
      return try Models.autoencoder(
        size: settings.size, colors: settings.colors, code: settings.code,
        channels: settings.channels)
    } catch { throw TrainingError(wrapping: error) }
  }
}

/// Everything of an autoencoder's training that decides how it goes, beside data, seed and threads.
public struct AutoencoderSettings: Sendable, Encodable {
  /// Where the images lie.
  public var data: DataIdentity
  /// Height and width of the images.
  public var size: Int
  /// 1 gray, 3 RGB.
  public var colors: Int
  /// Numbers of the code.
  public var code: Int
  /// Channels of the first convolution.
  public var channels: Int
  public var epochs: Int
  public var stepsPerEpoch: Int
  /// Images in a step.
  public var batchSize: Int
  public var learningRate: Float
  public var precision: Precision

  public init(
    data: DataIdentity, size: Int, colors: Int, code: Int = 64, channels: Int = 32, epochs: Int,
    stepsPerEpoch: Int = 500, batchSize: Int = 64, learningRate: Float = 0.001,
    precision: Precision = .float32
  ) {
    self.data = data
    self.size = size
    self.colors = colors
    self.code = code
    self.channels = channels
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.precision = precision
  }

  private enum CodingKeys: CodingKey {
    case size, colors, code, channels, stepsPerEpoch, batchSize, learningRate, precision
  }

  /// How images become the network's input.
  var form: Preprocessing {
    Preprocessing(
      width: size, height: size, channels: colors,
      mean: Array(repeating: 0, count: colors), std: Array(repeating: 1, count: colors))
  }
}
