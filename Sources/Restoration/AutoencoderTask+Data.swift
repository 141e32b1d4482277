import Datasets
import Engine
import Images
import ModelFiles
import Training

extension AutoencoderTask {
  /// A task from images, decoded into memory; every tenth is held out to measure by.
  ///
  /// - Parameters:
  ///   - images: all images of the data.
  ///   - path: where they lie.
  ///   - colors: 1 gray, 3 RGB; nil for those of the first image.
  ///   - size: height and width that images are cut and resized to, a multiple of 4; nil for about those of
  ///     the first image, at most 64.
  ///   - damaged: is told of the images that cannot be read.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where none can be learned from.
  public init(
    images: Dataset, path: String, colors: Int? = nil, size: Int? = nil, code: Int,
    channels: Int, epochs: Int, stepsPerEpoch: Int, batchSize: Int, learningRate: Float,
    precision: Precision = .float32, card: ModelCard,
    damaged: ([DatasetWarning]) -> Void = { _ in },
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) {
    guard let first = (0..<images.count).lazy.compactMap({ try? images.image(at: $0) }).first
    else {
      throw .noneReadable(path: path, count: images.count, damaged: [])
    }
    let side = min(max(min(first.width, first.height), 8), Self.largestSide)
    let settings = AutoencoderSettings(
      data: DataIdentity(path: path, names: images.names), size: size ?? side / 4 * 4,
      colors: colors ?? first.layout.colorChannels, code: code, channels: channels,
      epochs: epochs, stepsPerEpoch: stepsPerEpoch, batchSize: batchSize,
      learningRate: learningRate, precision: precision)
    let (decoded, warnings) = images.inMemory(for: settings.form, progress: progress)
    damaged(warnings)
    guard decoded.count > 0 else {
      throw .noneReadable(path: path, count: images.count, damaged: warnings)
    }
    var (training, validation) = (decoded, Dataset?.none)
    if decoded.count >= Self.holdOutInterval {
      (training, validation) = decoded.split(holdingOutEvery: Self.holdOutInterval)
      // As many as are measured in a moment.
      if let all = validation, all.count > Self.mostMeasured {
        validation =
          all[
            Array(stride(from: 0, to: all.count, by: all.count / Self.mostMeasured))]
      }
    }
    self.init(settings: settings, images: training, validation: validation, card: card)
    heldOutCount = decoded.count - training.count
  }

  private static let largestSide = 64
  private static let holdOutInterval = 10
  private static let mostMeasured = 1_000

  /// Images that are learned from.
  public var trainingCount: Int { images.count }
}
