import Datasets
import Restoration

extension RestorationTrainOptions {
  /// Trains what `--sigma auto` asks.
  func runNoiseEstimator(use: (String) -> String) throws {
    try train(use: use) { images, card, console in
      let task = try NoiseEstimatorTask(
        images: images,
        settings: NoiseEstimatorSettings(
          data: DataIdentity(path: folder, names: images.names), channels: channels ?? 24,
          patch: patch ?? 48, epochs: epochs, stepsPerEpoch: steps, batchSize: batch ?? 64,
          learningRate: learningRate ?? 0.002,
          precision: runOptions.computing.precision ?? .float32),
        card: card, damaged: { console.warn($0) },
        progress: { console.decoded($0, of: images.count) })
      return (task, "\(task.trainingCount) training images, \(heldOut(task.heldOutCount))")
    }
  }
}
