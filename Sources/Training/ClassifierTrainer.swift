import Datasets
import Engine
import Files
import Glibc
import Inference
import ModelFiles
import Networks
import Tensors

/// Trains a classifier into a run folder.
///
/// The same settings, data, seed and number of threads give the same bytes; so does a training that
/// was stopped at any step and went on.
public final class ClassifierTrainer {
  let settings: ClassifierSettings
  let folder: RunFolder
  let network: Network
  let card: ModelCard
  let storedPrecision: StoredPrecision
  let step: TrainingStep
  let variables = VariableStore()
  /// What validation asks: the averaged weights where there are any, else `variables`.
  let asked: VariableStore
  var average: (settings: EMA, update: EMAUpdate)?
  var state = TrainingState()

  let pictures: PreparedPictures
  private let stepsPerEpoch: Int
  /// After every so many epochs the network is measured: more than one where there are many more
  /// pictures to measure by than to learn from, so that measuring doesn't take most of the time.
  private let validationInterval: Int
  private var validation: ClassifierEvaluator?
  private let schedule: Schedule
  let random: RandomSource
  let options: PlanOptions
  private var pace = Pace(total: 0)
  /// The values that the network begins with, where it was trained before.
  private let inherited: TensorTable

  var recipe: Recipe { settings.recipe }
  /// Steps since the training's beginning.
  var completedSteps: Int { state.epoch * stepsPerEpoch + state.step }

  /// The name of the phase in which the whole network is trained.
  private static let phase = "network"

  /// Prepares a training, or goes on with the one in the run folder.
  ///
  /// - Parameters:
  ///   - settings: what `config.json` of the folder says, or will say.
  ///   - pictures: those to learn from and those to measure by.
  ///   - inherited: the values of those variables that do not begin at random.
  ///   - card: what the model file says beside the measured quality.
  ///   - storedPrecision: the numbers that the model file holds.
  ///   - folder: where everything is written to.
  ///   - profiler: takes the times of steps and validation.
  /// - Throws: ``TrainingError/otherConfiguration(folder:_:)`` where the folder holds another
  ///   training; other errors where network, data and options do not go together.
  public init(
    settings: ClassifierSettings, network: Network, pictures: PreparedPictures,
    inherited: TensorTable = TensorTable(), card: ModelCard,
    storedPrecision: StoredPrecision = .float32, folder: RunFolder, profiler: Profiler? = nil
  ) throws(TrainingError) {
    self.settings = settings
    self.network = network
    self.card = card
    self.storedPrecision = storedPrecision
    self.folder = folder
    let recipe = settings.recipe
    self.pictures = pictures
    self.inherited = inherited
    stepsPerEpoch = max(1, pictures.training.count / recipe.batchSize)
    validationInterval = max(
      1, (pictures.validation?.count ?? 0) / (2 * max(pictures.training.count, 1)))
    random = RandomSource(seed: settings.seed)
    options = PlanOptions(
      threads: settings.threads, precision: recipe.precision, profiler: profiler)
    schedule = recipe.schedule.schedule(steps: recipe.epochs * stepsPerEpoch)
    for (name, value) in inherited { variables[name] = value }
    step = try TrainingStep(
      network: network, recipe: recipe, frozen: settings.transfer?.frozenLayers ?? 0,
      inherited: inherited, variables: variables, random: random, phase: Self.phase,
      options: options)
    asked = recipe.averagedEpochs == nil ? variables : VariableStore()
    let goesOn = try folder.begin(settings)
    if !goesOn { setWhitening() }
    if let epochs = recipe.averagedEpochs {
      let halfLife = epochs * log(2) * Double(pictures.training.count)
      average = (
        EMA(halfLife: halfLife),
        try EMAUpdate(
          of: step.networkVariables, variables: variables,
          options: PlanOptions(threads: settings.threads))
      )
    }
    if goesOn { try restoreCheckpoint() }
    askPresentValues()
    guard let validation = pictures.validation else { return }
    let predictor = try wrapped(
      try Predictor(
        network: network, variables: asked, batchSize: min(recipe.batchSize, 256),
        usesFlipTTA: recipe.mirrorsWhenAsked, options: options))
    self.validation = ClassifierEvaluator(
      predictor: predictor, pictures: validation, form: settings.input)
  }

  // MARK: - The loop

  /// Trains until the last epoch, until patience is lost, or until a stop is asked for.
  ///
  /// - Parameter report: is told of each step and epoch.
  /// - Returns: how it ended; the run folder holds the rest.
  public func train(report: (TrainingEvent) -> Void) throws(TrainingError) -> TrainingEnd {
    report(.began(epoch: state.epoch, step: state.step))
    if let transfer = settings.transfer, state.log.rows.isEmpty {
      guard try trainHead(transfer, report) else { return .interrupted(epoch: 0, step: 0) }
    }
    pace = Pace(total: recipe.epochs * stepsPerEpoch, done: completedSteps)
    let loader = trainingLoader()
    while state.epoch < recipe.epochs, !isOutOfPatience {
      let start = MonotonicClock.seconds
      guard try trainEpoch(on: loader, report),
        let evaluation = try validate(after: state.epoch + 1, report)
      else {
        try saveCheckpoint()
        return .interrupted(epoch: state.epoch + 1, step: state.step)
      }
      let seen = Double(state.step * recipe.batchSize)
      try finish(
        epoch: state.epoch + 1,
        learningRate: recipe.learningRate * schedule.factor(at: completedSteps - 1),
        loss: state.lossSum / seen, accuracy: Double(state.correct) / seen, evaluation,
        seconds: MonotonicClock.seconds - start, report)
    }
    return isOutOfPatience ? .outOfPatience(epoch: state.epoch) : .complete
  }

  /// The best epoch so far.
  public struct Best: Sendable, Hashable {
    /// From 1; 0 where the new head alone was trained.
    public var epoch: Int
    public var accuracy: Double
  }

  /// nil before the first epoch's end.
  public var best: Best? {
    state.hasBest ? Best(epoch: state.bestEpoch, accuracy: state.bestAccuracy) : nil
  }

  private var isOutOfPatience: Bool {
    recipe.patience.map { state.epoch - state.bestEpoch >= $0 } ?? false
  }

  /// The epoch's remaining steps; false when a stop was asked for.
  private func trainEpoch(
    on loader: Loader, _ report: (TrainingEvent) -> Void
  ) throws(TrainingError) -> Bool {
    while state.step < stepsPerEpoch {
      if Interrupt.isRequested { return false }
      let outcome = try train(on: loader)
      guard outcome.loss.isFinite else { throw try notANumber() }
      state.step += 1
      state.lossSum += outcome.loss * Double(outcome.count)
      state.correct += outcome.confusion.correct
      try updateAverage()
      pace.reached(completedSteps)
      report(.step(stepReport))
      for warning in loader.takeDamaged() { report(.damaged(warning)) }
    }
    return true
  }

  /// One step; the outcome is that of the network before it.
  func train(on loader: Loader) throws(TrainingError) -> Evaluation {
    let rate = recipe.learningRate * schedule.factor(at: completedSteps)
    return try step.run(learningRate: rate) { loader.next(into: $0).labels }
  }

  /// The training pictures from the present step on.
  func trainingLoader() -> Loader {
    trainingLoader(
      batchSize: recipe.batchSize, random: random.examples(phase: Self.phase), epoch: state.epoch,
      batch: state.step)
  }

  /// The training pictures in random order, varied.
  func trainingLoader(
    batchSize: Int, random: RandomSource, epoch: Int = 0, batch: Int = 0
  ) -> Loader {
    Loader(
      pictures.training, form: settings.input, batchSize: batchSize, random: random,
      crop: recipe.augmentation.contains(.crop) ? RandomResizedCrop() : nil,
      augmentations: recipe.augmentation.compactMap { $0.augmentation(for: settings.input) },
      startingAtEpoch: epoch, batch: batch)
  }

  private func updateAverage() throws(TrainingError) {
    guard let average else { return }
    guard completedSteps % EMA.interval == 0 || state.step == stepsPerEpoch else { return }
    let images = completedSteps * recipe.batchSize
    try average.update.run(
      weight: average.settings.weight(seen: images, new: images - state.averagedImages))
    state.averagedImages = images
  }

  /// The evaluation of the validation pictures, empty where there are none or it is not yet their turn;
  /// nil when a stop was asked for.
  func validate(
    after epoch: Int, _ report: (TrainingEvent) -> Void
  ) throws(TrainingError) -> Evaluation? {
    askPresentValues()
    let isTurn = epoch % validationInterval == 0 || epoch == recipe.epochs
    guard let validation, isTurn else { return ClassifierMetrics(classCount: 1).evaluation }
    return try validation.evaluate { report(.validated($0, of: validation.count)) }?.evaluation
  }

  /// Writes log, best model and checkpoint.
  func finish(
    epoch: Int, learningRate: Float, loss: Double, accuracy: Double, _ evaluation: Evaluation,
    seconds: Double, _ report: (TrainingEvent) -> Void
  ) throws(TrainingError) {
    let hasValidation = evaluation.count > 0
    // Without validation the last epoch is the best that is known.
    let isBest =
      validation == nil
      || hasValidation && state.isBetter(accuracy: evaluation.accuracy, loss: evaluation.loss)
    let result = EpochReport(
      epoch: epoch, epochs: recipe.epochs, learningRate: Double(learningRate), loss: loss,
      accuracy: accuracy,
      validationLoss: hasValidation ? evaluation.loss : nil,
      validationAccuracy: hasValidation ? evaluation.accuracy : nil, isBest: isBest,
      seconds: seconds, imagesPerSecond: pace.rate * Double(recipe.batchSize))
    let steps = Double(completedSteps)
    state.log.append([
      Double(result.epoch), steps, result.learningRate, result.loss, result.accuracy,
      result.validationLoss, result.validationAccuracy,
    ])
    state.epoch = epoch
    state.step = 0
    state.lossSum = 0
    state.correct = 0
    if isBest {
      state.bestEpoch = state.epoch
      state.bestAccuracy = evaluation.accuracy
      state.bestLoss = evaluation.loss
      try saveBest(evaluation)
    }
    try folder.write(
      state.log,
      timings: [("seconds", seconds), ("images_per_second", result.imagesPerSecond)])
    try folder.drawCurves(state.log)
    try saveCheckpoint()
    report(.epoch(result))
  }

  private var stepReport: StepReport {
    let seen = Double(state.step * recipe.batchSize)
    return StepReport(
      epoch: state.epoch + 1, epochs: recipe.epochs, step: state.step,
      stepsPerEpoch: stepsPerEpoch, loss: state.lossSum / seen,
      accuracy: Double(state.correct) / seen,
      imagesPerSecond: pace.rate * Double(recipe.batchSize), secondsLeft: pace.secondsLeft)
  }

  // MARK: - Before the first step

  /// Lets validation ask the averaged weights or, as long as there are none, the present ones.
  func askPresentValues() {
    for name in step.names where average != nil {
      asked[name] =
        variables[state.averagedImages > 0 ? "\(EMAUpdate.scope).\(name)" : name]
    }
  }

  /// Gives a whitening layer at the network's beginning its filters, from pictures at equal distances.
  func setWhitening() {
    guard let first = network.layers.first, let layer = first.layer as? Whitening,
      inherited["\(first.name).weight"] == nil
    else { return }
    let (training, form) = (pictures.training, settings.input)
    let wanted = min(max(1, Self.whitenedValues / form.elementCount), training.count)
    let sample = training[(0..<wanted).map { $0 * training.count / wanted }]
    let loader = Loader(sample, form: form, batchSize: sample.count)
    let images = Tensor([sample.count, form.channels, form.height, form.width]) {
      _ = loader.next(into: $0)
    }
    variables["\(first.name).weight"] = images.withUnsafeBufferPointer {
      PatchWhitening.filters(images: $0, shape: images.shape, window: layer.kernel)
    }
  }

  /// Values of so many pictures are enough to know the covariance of their patches by: some 5,000 of
  /// 32 × 32 × 3.
  private static let whitenedValues = 1 << 24
}
