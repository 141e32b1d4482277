import ArgumentParser
import Datasets
import Engine
import ModelFiles
import Restoration
import Training

/// How a restoring network is trained: shared by `upscale train` and `denoise train`.
struct RestorationTrainOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The folder of photographs.", valueName: "folder"), completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Number of epochs; more than before continue a finished run.", valueName: "n"))
  var epochs = 30

  @Option(help: ArgumentHelp("Steps in an epoch.", valueName: "n"))
  var steps = 500

  @Option(help: ArgumentHelp("Batch size.", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("Learning rate at the schedule's top.", valueName: "rate"))
  var learningRate: Float?

  @Option(
    help: ArgumentHelp("Side of the parts that are learned from, in pixels.", valueName: "n"))
  var patch: Int?

  @Option(help: ArgumentHelp("Channels of the network.", valueName: "n"))
  var channels: Int?

  @Option(help: ArgumentHelp("Residual blocks of the network.", valueName: "n"))
  var blocks: Int?

  @Option(
    help: ArgumentHelp(
      """
      Begin with the values of a trained network of the same kind, in its size; where it enlarges by \
      another factor or takes other colors, its outermost layers begin at random.
      """,
      valueName: "name|file"), completion: .model)
  var from: String?

  @OptionGroup var runOptions: TrainingRunOptions

  func validate() throws {
    for (name, value, range) in [
      ("epochs", epochs, 1...100_000), ("steps", steps, 1...1_000_000),
      ("batch", batch ?? 1, 1...65_536), ("patch", patch ?? 32, 8...4096),
      ("channels", channels ?? 8, 1...1024), ("blocks", blocks ?? 1, 1...64),
    ] where !range.contains(value) {
      throw ValidationError(
        "--\(name) \(value): must be between \(range.lowerBound) and \(range.upperBound)")
    }
    if let patch, patch % 4 != 0 {
      throw ValidationError("--patch \(patch): must be a multiple of 4")
    }
    if from != nil, channels != nil || blocks != nil {
      throw ValidationError("--from has the network's size: leave out --channels and --blocks")
    }
    if let learningRate, !(learningRate > 0 && learningRate <= 1) {
      throw ValidationError("--learning-rate \(learningRate): must be above 0, at most 1")
    }
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - channels: of the network, and blocks, unless the user gives others.
  ///   - patch: the side of the parts that are learned from, in pixels of the input, unless the user gives
  ///     another.
  ///   - batch: parts in a step, likewise.
  ///   - learningRate: likewise.
  ///   - features: the classifier that an upscaler is sharpened by.
  ///   - use: a command that uses the model at a path.
  func run(
    _ restoration: Restoration, channels: Int, blocks: Int, patch: Int, batch: Int = 16,
    learningRate: Float = 0.012, features: String? = nil, use: (String) -> String
  ) throws {
    let pretrained = try pretrainedRestorer()
    let network =
      pretrained?.size
      ?? NetworkSize(channels: self.channels ?? channels, blocks: self.blocks ?? blocks)
    let distance = try features.map(FeaturesOption.distance)
    try train(use: use) { images, card, console in
      let task = try RestorationTask(
        restoration, images: images,
        settings: RestorationSettings(
          restoration, data: DataIdentity(path: folder, names: images.names), network: network,
          from: from, features: features, patch: self.patch ?? patch, epochs: epochs,
          stepsPerEpoch: steps,
          batchSize: self.batch ?? batch, learningRate: self.learningRate ?? learningRate,
          precision: runOptions.computing.precision ?? .float32, holdOutInterval: 10),
        card: card, pretrainedWeights: try pretrained?.weights(for: restoration) ?? TensorTable(),
        features: distance, damaged: { console.warn($0) },
        progress: { console.decoded($0, of: images.count) })
      return (task, "\(task.trainingCount) training images, \(heldOut(task.heldOutCount))")
    }
  }

  private func pretrainedRestorer() throws(RunError) -> PretrainedRestorer? {
    guard let from else { return nil }
    do { return try PretrainedRestorer(path: ModelCatalog().path(for: from)) } catch {
      throw .aborted("--from \(advised(error))")
    }
  }

  /// Trains a task on the folder's images.
  ///
  /// - Parameters:
  ///   - read: the images of the folder, which may have classes.
  ///   - use: a command that uses the model at a path.
  ///   - makeTask: the task, and what is said of its images before the first step.
  func train<Task: LearningTask>(
    reading read: (String) throws -> (Dataset, [DatasetWarning]) = Self.images,
    use: (String) -> String,
    _ makeTask: (Dataset, ModelCard, TrainingConsole) throws -> (Task, images: String)
  ) throws {
    try runOptions.run { options in
      let card = try runOptions.cardOptions.modelCard(data: folder, seed: runOptions.seed)
      try RunFolder.validate(runOptions.out, outside: [folder])
      let (images, warnings): (Dataset, [DatasetWarning])
      do { (images, warnings) = try read(folder) } catch let error as DatasetError {
        throw RunError(error)
      }
      let console = TrainingConsole(Task.self)
      console.warn(warnings)
      let (task, text) = try makeTask(images, card, console)
      console.say("\(text); seed \(runOptions.seed)")
      return try console.run(
        task, settings: runOptions.settings(options), out: runOptions.out, use: use)
    }
  }

  private static func images(in folder: String) throws -> (Dataset, [DatasetWarning]) {
    let (images, warnings) = try DatasetSplits.unlabeled(path: folder)
    return (images, warnings)
  }

  /// How many images are held out, for people.
  func heldOut(_ count: Int) -> String {
    count > 0 ? "\(count) held out for evaluation" : "none held out for evaluation"
  }
}
