import Datasets
import Restoration

/// The images of data whose classes, if it has some, are only looked at to measure by.
enum LabeledIfPossible {
  /// All images of a folder, of a list, or of what a data set has for training.
  static func images(
    in path: String
  ) throws(RunError) -> (Dataset, [DatasetWarning]) {
    do throws(DatasetError) {
      let splits = try DatasetSplits(path: path, fewestClasses: 1)
      return (splits.training, splits.warnings)
    } catch {
      // A damaged data set is none of plain images.
      if case .corrupt = error { throw RunError(error) }
    }
    do throws(DatasetError) {
      let (images, warnings) = try DatasetSplits.unlabeled(path: path)
      return (images, warnings)
    } catch { throw RunError(error) }
  }
}

extension RestorationTrainOptions {
  /// Trains an autoencoder.
  ///
  /// - Parameters:
  ///   - code: numbers of the code.
  ///   - isGray: whether colors are left out.
  func runAutoencoder(code: Int, isGray: Bool, use: (String) -> String) throws {
    try train(reading: LabeledIfPossible.images, use: use) { images, card, console in
      let task = try AutoencoderTask(
        images: images, path: folder, colors: isGray ? 1 : nil, size: patch, code: code,
        channels: channels ?? 32, epochs: epochs, stepsPerEpoch: steps,
        batchSize: batch ?? 64, learningRate: learningRate ?? 0.001,
        precision: runOptions.computing.precision ?? .float32, card: card,
        damaged: { console.warn($0) }, progress: { console.decoded($0, of: images.count) })
      let size = task.settings.size
      return (
        task,
        "\(task.trainingCount) training images of \(size) × \(size) pixels, "
          + heldOut(task.heldOutCount)
      )
    }
  }
}
