import ArgumentParser
import Datasets
import Engine
import Restoration
import Training

/// Which network `denoise train` makes.
enum DenoisingNetwork: String, CaseIterable, ExpressibleByArgument {
  /// For photographs of any size.
  case denoiser
  /// For small images of one size, by a code.
  case autoencoder
}

/// The images of data whose classes, if it has some, are only looked at to measure by.
enum LabeledIfPossible {
  /// All images of a folder, of a list, or of what a data set has for training.
  static func images(
    in path: String
  ) throws(RunError) -> (images: Dataset, warnings: [DatasetWarning]) {
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
    OpenMP.limitSpinning()
    let status: ExitStatus
    do {
      status = try computing.profiled { options in
        let card = try cardOptions.modelCard(data: folder, seed: seed)
        try RunFolder.requireUsable(out, outside: [folder])
        let (images, warnings) = try LabeledIfPossible.images(in: folder)
        Console.warn(warnings)
        var failures = warnings.filter(\.isFailure)
        let console = TrainingConsole(AutoencoderTask.self)
        let task = try AutoencoderTask(
          images: images, path: folder, colors: isGray ? 1 : nil, size: patch, code: code,
          channels: channels ?? 32, epochs: epochs, stepsPerEpoch: steps,
          batchSize: batch ?? 64, learningRate: learningRate ?? 0.001,
          precision: computing.precision ?? .float32, card: card,
          damaged: { damaged in
            Console.warn(damaged)
            failures += damaged
          }, progress: { console.decoded($0, of: images.count) })
        console.say(
          "\(task.trainingCount) training images of \(task.settings.size) × \(task.settings.size) "
            + "pixels, \(task.heldOutCount) held out for evaluation; seed \(seed)")
        return try console.run(
          task,
          settings: TrainingSettings(
            seed: seed, threads: computing.threads, storedPrecision: .float16,
            profiler: options.profiler, isDataMoved: moved.isMoved),
          out: out, hasFailures: !failures.isEmpty, use: use)
      }
    } catch let error as TrainingError { throw RunError(error) }
    if status != .done { throw status }
  }
}
