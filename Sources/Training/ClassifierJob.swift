import Datasets
import Engine
import Figures
import Images
import Inference
import ModelFiles
import Models
import Networks
import Tensors

/// A training from pictures to a finished run folder: what `vision train` does.
public struct ClassifierJob: Sendable {
  /// All that decides how it goes.
  public let settings: ClassifierSettings
  public let network: Network
  public let pictures: PreparedPictures
  private let inherited: TensorTable

  /// Decodes the pictures and fits recipe, network and data to each other.
  ///
  /// - Parameters:
  ///   - found: the pictures.
  ///   - path: where they lie, and where the validation pictures do.
  ///   - validationShare: the share of each class that is split off for validation, 0 up to 1.
  ///   - start: a trained network to begin from; nil begins with random values.
  ///   - freeze: which of its layers stay as they are.
  ///   - threads: to compute on; nil for all.
  ///   - progress: is told of pictures decoded, from several threads.
  public init(
    found: TrainingPictures, path: String, validationPath: String?, validationShare: Double,
    recipe: Recipe, start: StartingPoint? = nil, freeze: Freeze = .none, seed: UInt64,
    threads: Int?, progress: @escaping @Sendable (Int) -> Void
  ) throws(TrainingError) {
    try recipe.check(epochs: start == nil ? 1 : 0)
    let classNames = found.training.classNames
    let size = recipe.imageSize
    let channels = start?.card.preprocessing?.channels ?? found.channels
    var form = Preprocessing(
      width: size, height: size, channels: channels, mean: Array(repeating: 0, count: channels),
      std: Array(repeating: 1, count: channels))
    do {
      let made =
        try start?.network(classes: classNames.count, imageSize: size)
        ?? Models.named(recipe.model, classes: classNames.count, input: [size, size, channels])
      network = recipe.dropout.map(made.withDropout) ?? made
      // Before minutes are spent on decoding, whether the network can be had at all.
      _ = try network.summary()
    } catch { throw .options("\(error)") }
    inherited = try start?.values(for: network, classNames: classNames) ?? TensorTable()
    pictures = try found.prepared(
      for: form, recipe: recipe, validationShare: validationShare, progress: progress)
    if let input = start?.card.preprocessing {
      (form.mean, form.std, form.resizeMode) = (input.mean, input.std, input.resizeMode)
    } else if network.layers.first?.layer is Rescaling {
      // Such a network takes samples 0…255 as they are.
      form.std = Array(repeating: 1 / 255, count: channels)
    } else {
      (form.mean, form.std) = pictures.training.statistics(for: form)
    }
    settings = ClassifierSettings(
      data: ClassifierSettings.Data(
        path: path, validationPath: validationPath,
        validationShare: found.validation == nil ? validationShare : 0, classNames: classNames,
        trainingCounts: pictures.training.classCounts,
        validationCounts: pictures.validation?.classCounts ?? []),
      recipe: recipe, transfer: try start?.transfer(freeze, pictures: pictures.training.count),
      input: form, seed: seed, threads: threads)
  }

  /// The trainer of this job, at the beginning or where the run folder says.
  public func trainer(
    folder: RunFolder, card: ModelCard, storedPrecision: StoredPrecision,
    profiler: Profiler? = nil
  ) throws(TrainingError) -> ClassifierTrainer {
    try ClassifierTrainer(
      settings: settings, network: network, pictures: pictures, inherited: inherited, card: card,
      storedPrecision: storedPrecision, folder: folder, profiler: profiler)
  }

  /// Measures the best model as it lies in the run folder and draws `confusion.png` and
  /// `mistakes.png`.
  ///
  /// - Returns: nil where there is nothing to measure by, or a stop was asked for.
  public func finish(
    folder: RunFolder, profiler: Profiler? = nil, progress: (Int) -> Void = { _ in }
  ) throws(TrainingError) -> Evaluation? {
    guard let validation = pictures.validation, folder.contains(folder.best) else { return nil }
    let model = try wrapped(try Classifier(path: folder.best))
    let options = PlanOptions(
      threads: settings.threads, precision: settings.recipe.precision, profiler: profiler)
    let evaluator = ClassifierEvaluator(
      predictor: try wrapped(
        try model.predictor(batchSize: min(settings.recipe.batchSize, 256), options: options)),
      pictures: validation, form: settings.input)
    guard let result = try evaluator.evaluate(progress: progress) else { return nil }
    let accuracy = EvaluationReport.percent(result.evaluation.accuracy)
    try folder.drawConfusion(
      result.evaluation.confusion, classNames: settings.data.classNames,
      title: "\(model.card.name): \(accuracy) of \(result.evaluation.count) validation images")
    try folder.drawMistakes(result, in: validation)
    return result.evaluation
  }
}

extension Recipe {
  /// Refuses numbers that make no sense.
  ///
  /// - Parameter fewest: epochs that there must be.
  func check(epochs fewest: Int) throws(TrainingError) {
    func require(_ isRight: Bool, _ message: String) throws(TrainingError) {
      guard isRight else { throw .options(message) }
    }
    try require((1...4_096).contains(imageSize), "--size \(imageSize): expected 1 to 4096")
    try require(
      (fewest...1_000_000).contains(epochs), "--epochs \(epochs): expected \(fewest) to 1,000,000")
    try require((1...65_536).contains(batchSize), "--batch \(batchSize): expected 1 to 65,536")
    try require(
      learningRate.isFinite && learningRate > 0,
      "--learning-rate \(learningRate): expected more than 0")
    try require(
      (0..<1).contains(labelSmoothing), "--label-smoothing \(labelSmoothing): expected 0 up to 1")
    try require(dropout.map { (0..<1).contains($0) } ?? true, "--dropout: expected 0 up to 1")
    switch optimizer.clipping {
    case .norm(let limit), .value(let limit):
      try require(limit.isFinite && limit > 0, "--clip \(limit): expected more than 0")
    case nil: break
    }
    try require(patience.map { $0 > 0 } ?? true, "--patience: expected 1 or more epochs")
    try require(
      averagedEpochs.map { $0.isFinite && $0 >= 0 } ?? true, "--average: expected 0 or more epochs")
  }
}
