import Datasets
import Engine
import Files
import Images
import Inference
import ModelFiles
import Models
import Networks
import Tensors

/// Trains a generator and a discriminator against each other into a run folder.
///
/// The same settings, pictures and number of threads give the same bytes; so does a training that was
/// stopped at any step and went on.
public final class GANTrainer {
  let settings: GANSettings
  let folder: RunFolder
  let pair: Models.DCGAN
  let card: ModelCard
  let variables = VariableStore()
  var state = GANState()

  /// The plain step, and the one with the lazy penalty.
  private let step: AdversarialStep
  private let penalizedStep: AdversarialStep?
  private let average: (settings: EMA, update: EMAUpdate)?
  private let sampler: ImageGenerator
  private let reference: GANReference?
  private let pictures: Dataset
  private let random: RandomSource
  private var pace = Pace(total: 0)
  /// The damaged pictures that were told.
  private var named: Set<DatasetWarning> = []

  private var recipe: GANRecipe { settings.recipe }
  private let stepsPerEpoch: Int
  var completedSteps: Int { state.epoch * stepsPerEpoch + state.step }

  /// The pictures of an epoch's sample grid.
  private static let gridCount = 64
  /// How often learning rates are halved before a training is given up.
  private static let smallestRateFactor: Float = 1 / 8

  /// Prepares a training, or goes on with the one in the run folder.
  ///
  /// - Parameters:
  ///   - pictures: what to learn from: at least one.
  ///   - reference: what quality is measured against; nil to keep the last generator as the best.
  ///   - card: what the model file says beside the measured quality.
  ///   - profiler: takes the times of steps and samples.
  public init(
    settings: GANSettings, pictures: Dataset, reference: GANReference?, card: ModelCard,
    folder: RunFolder, profiler: Profiler? = nil
  ) throws(TrainingError) {
    self.settings = settings
    self.folder = folder
    self.card = card
    self.pictures = pictures
    self.reference = reference
    let recipe = settings.recipe
    guard recipe.normalization != .batch || recipe.realPenalty + recipe.gradientPenalty == 0 else {
      throw .options("a gradient penalty needs a discriminator without batch normalisation")
    }
    do throws(NetworkError) {
      pair = try Models.DCGAN(
        size: settings.size, width: settings.width, latent: settings.latent,
        normalizesDiscriminator: recipe.normalization == .batch)
    } catch { throw .options("\(error)") }
    random = RandomSource(seed: settings.seed)
    stepsPerEpoch = max(1, pictures.count / recipe.batchSize)
    let options = PlanOptions(
      threads: settings.threads, precision: recipe.precision, profiler: profiler)
    let (pair, variables, random) = (pair, variables, random)
    func makeStep(penalizes: Bool) throws(TrainingError) -> AdversarialStep {
      try AdversarialStep(
        pair: pair, recipe: recipe, penalizes: penalizes, variables: variables, random: random,
        options: options)
    }
    step = try makeStep(penalizes: false)
    penalizedStep = recipe.realPenalty > 0 ? try makeStep(penalizes: true) : nil
    average =
      recipe.averagedPictures > 0
      ? (
        EMA(halfLife: recipe.averagedPictures),
        try EMAUpdate(
          of: step.generatorVariables, variables: variables,
          options: PlanOptions(threads: settings.threads))
      ) : nil
    sampler = try wrapped(
      try ImageGenerator(
        generator: pair.generator, variables: variables, scope: recipe.generatorScope,
        options: PlanOptions(threads: settings.threads, profiler: profiler)))
    if try folder.begin(settings) { try restoreCheckpoint() }
  }

  /// The present value of one of both networks' variables.
  package func value(of name: String) -> Tensor? { variables[name] }

  // MARK: - The loop

  /// Trains until the last epoch or until a stop is asked for.
  ///
  /// - Parameter report: is told of each step and epoch, and of pictures that cannot be read.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where no picture can be read, among others.
  public func train(report: (GANEvent) -> Void) throws(TrainingError) -> TrainingEnd {
    report(.began(epoch: state.epoch, step: state.step))
    pace = Pace(total: recipe.epochs * stepsPerEpoch, done: completedSteps)
    var batches = loader()
    while state.epoch < recipe.epochs {
      let start = MonotonicClock.seconds
      switch try trainEpoch(batches, report) {
      case .complete: try finishEpoch(seconds: MonotonicClock.seconds - start, report)
      case .interrupted:
        try saveCheckpoint()
        return .interrupted(epoch: state.epoch + 1, step: state.step)
      case .lostNumbers:
        try goBack(report)
        batches = loader()
      }
    }
    return .complete
  }

  private enum EpochEnd { case complete, interrupted, lostNumbers }

  private func trainEpoch(
    _ batches: Loader, _ report: (GANEvent) -> Void
  ) throws(TrainingError) -> EpochEnd {
    while state.step < stepsPerEpoch {
      if Interrupt.isRequested { return .interrupted }
      let outcome = try learn(from: batches, report)
      guard outcome.discriminatorLoss.isFinite, outcome.generatorLoss.isFinite else {
        return .lostNumbers
      }
      state.step += 1
      state.sums.add(outcome)
      try updateAverage()
      pace.reached(completedSteps)
      report(.step(stepReport))
    }
    return .complete
  }

  private func learn(
    from batches: Loader, _ report: (GANEvent) -> Void
  ) throws(TrainingError) -> AdversarialStep.Outcome {
    let isPenalized = completedSteps % recipe.realPenaltyInterval == 0
    let plan = isPenalized ? penalizedStep ?? step : step
    var count = 0
    let outcome = try plan.run(
      step: completedSteps, recipe: recipe,
      rateFactor: state.rateFactor
        * recipe.rateShare(step: completedSteps, of: recipe.epochs * stepsPerEpoch)
    ) { count = batches.next(into: $0).count }
    for warning in batches.takeDamaged() where named.insert(warning).inserted {
      report(.damaged(warning))
    }
    guard count > 0 else {
      throw .noneReadable(path: settings.path, count: pictures.count)
    }
    return outcome
  }

  private func updateAverage() throws(TrainingError) {
    guard let average else { return }
    guard completedSteps % EMA.interval == 0 || state.step == stepsPerEpoch else { return }
    let images = completedSteps * recipe.batchSize
    try average.update.run(
      weight: average.settings.weight(seen: images, new: images - state.averagedImages))
    state.averagedImages = images
  }

  /// The pictures in the order of the present epoch, beginning with the present step.
  private func loader() -> Loader {
    let size = settings.size
    let form = Preprocessing(
      width: size, height: size, channels: pair.channels,
      mean: Array(repeating: 0.5, count: pair.channels),
      std: Array(repeating: 0.5, count: pair.channels))
    return Loader(
      pictures, form: form, batchSize: recipe.batchSize, random: random.examples(phase: "adversarial"),
      augmentations: recipe.mirrors ? [HorizontalFlip()] : [], startingAtEpoch: state.epoch,
      batch: state.step)
  }

  // MARK: - After an epoch

  /// Measures, writes log, samples, best model and checkpoint.
  private func finishEpoch(
    seconds: Double, _ report: (GANEvent) -> Void
  ) throws(TrainingError) {
    let quality = try reference.map { (reference) throws(TrainingError) in
      try reference.quality(of: samples(0..<settings.qualitySamples))
    }
    let grid = try samples(0..<Self.gridCount)
    let means = state.sums.means(over: stepsPerEpoch)
    let isBest = quality.map { $0.frechetDistance < state.bestDistance } ?? true
    state.log.append([
      Double(state.epoch + 1), Double(completedSteps), means.discriminatorLoss,
      means.generatorLoss, means.realProbability, means.fakeProbability,
      quality?.frechetDistance, quality?.kernelDistance, quality?.diversity,
    ])
    let result = GANEpochReport(
      steps: stepReport, quality: quality, isBest: isBest, seconds: seconds)
    state.epoch += 1
    state.step = 0
    state.sums = GANState.Sums()
    if isBest {
      state.bestEpoch = state.epoch
      state.bestDistance = quality?.frechetDistance ?? state.bestDistance
      try saveBest(quality)
    }
    try folder.write(state.log, timings: [("seconds", seconds)])
    try folder.drawGANCurves(state.log)
    try folder.writeSamples(grid, epoch: state.epoch)
    try saveCheckpoint()
    report(.epoch(result))
    guard completedSteps >= GANAlarm.firstStep else { return }
    let alarms = GANAlarm.alarms(
      realProbability: means.realProbability, fakeProbability: means.fakeProbability, samples: grid,
      diversity: quality?.diversity)
    for alarm in alarms { report(.alarm(alarm)) }
  }

  /// The pictures of some seeds by the generator as it is kept.
  private func samples(_ seeds: Range<Int>) throws(TrainingError) -> [Image] {
    try wrapped(
      try sampler.images(
        of: seeds.map { Latents.latent(seed: UInt64($0), count: settings.latent) }))
  }

  /// Goes on from the last checkpoint with half the learning rates.
  private func goBack(_ report: (GANEvent) -> Void) throws(TrainingError) {
    let (epoch, step) = (state.epoch + 1, state.step + 1)
    let factor = state.rateFactor / 2
    guard factor >= Self.smallestRateFactor else {
      throw .notANumber(epoch: epoch, step: step, layer: nil)
    }
    if folder.contains(folder.checkpoint) {
      try restoreCheckpoint()
    } else {
      self.step.setFirstValues(of: variables, random: random)
      state = GANState()
    }
    state.rateFactor = factor
    try saveCheckpoint()
    report(
      .alarm(
        "the loss is not a number at step \(step) of epoch \(epoch); going on from epoch "
          + "\(state.epoch + 1), step \(state.step) with learning rates × \(factor)"))
  }

  private var stepReport: GANStepReport {
    let means = state.sums.means(over: state.step)
    return GANStepReport(
      epoch: state.epoch + 1, epochs: recipe.epochs, step: state.step,
      stepsPerEpoch: stepsPerEpoch, discriminatorLoss: means.discriminatorLoss,
      generatorLoss: means.generatorLoss, realProbability: means.realProbability,
      fakeProbability: means.fakeProbability,
      imagesPerSecond: pace.rate * Double(recipe.batchSize), secondsLeft: pace.secondsLeft)
  }
}

extension GANRecipe {
  /// What the names of the kept generator's variables begin with.
  var generatorScope: String {
    let scope = AdversarialStep.generatorScope
    return averagedPictures > 0 ? "\(EMAUpdate.scope).\(scope)" : scope
  }

  /// The share of the learning rates that is left after some of all steps; see ``constantShare``.
  package func rateShare(step: Int, of total: Int) -> Float {
    guard constantShare < 1 else { return 1 }
    return min(1, (1 - Float(step) / Float(total)) / (1 - constantShare))
  }
}
