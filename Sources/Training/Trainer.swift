import Datasets
import Engine
import Files
import ModelFiles
import Tensors

/// What a training needs beside its task.
public struct TrainingSettings: Sendable {
  /// First values, order, augmentation and whatever else is random follow from it.
  public var seed: UInt64
  /// Threads to compute on; nil for all. Another number adds in another order.
  public var threads: Int?
  /// The numbers that the model file holds.
  public var storedPrecision: StoredPrecision
  /// Takes the times of the plans' operations.
  public var profiler: Profiler?
  /// Seconds after which a checkpoint is saved within an epoch; the moment changes no result.
  public var saveInterval: Double
  /// Whether the data may lie elsewhere than when the training began.
  public var isDataMoved: Bool

  public init(
    seed: UInt64 = 1, threads: Int? = nil, storedPrecision: StoredPrecision = .float32,
    profiler: Profiler? = nil, saveInterval: Double = 300, isDataMoved: Bool = false
  ) {
    self.seed = seed
    self.threads = threads
    self.storedPrecision = storedPrecision
    self.profiler = profiler
    self.saveInterval = saveInterval
    self.isDataMoved = isDataMoved
  }
}

/// Trains a task into a run folder, whatever the task is.
///
/// The same task, data, seed and number of threads give the same bytes; so does a training that was
/// stopped at any step and went on.
public final class Trainer {
  let task: any LearningTask
  let settings: TrainingSettings
  let folder: RunFolder
  let interruption: Interruption
  let stages: [Stage]
  let configuration: RunConfiguration
  private let lock: RunLock
  /// What is odd about going on, to be told.
  private let warnings: [String]
  var state: TrainingState
  /// The variables of the phase under way, or of the one before it, as they were last saved.
  var values = TensorTable()
  /// Whether `values` are of the phase under way.
  var isWithinPhase = false
  /// Whether the last checkpoint is of an epoch's end, from where the next one begins.
  var isSavedAtEpochEnd = false

  /// How often learning rates are halved before a training is given up.
  private static let minLearningRateFactor: Float = 1 / 8

  /// Prepares a training, or goes on with the one in the run folder.
  ///
  /// - Throws: ``TrainingError/otherConfiguration(folder:_:)`` where the folder holds another
  ///   training, ``TrainingError/inUse(folder:)`` where another process trains into it.
  public init(
    _ task: any LearningTask, settings: TrainingSettings = TrainingSettings(),
    folder: RunFolder, interruption: Interruption = Interruption()
  ) throws(TrainingError) {
    self.task = task
    self.settings = settings
    self.folder = folder
    self.interruption = interruption
    lock = try RunLock(folder)
    let phases = task.phases
    let epochs = phases.last?.plan.epochs ?? 0
    var configuration = try RunConfiguration(task, settings, epochs: epochs)
    let restored = try folder.restored(configuration)
    warnings = try folder.prepare(for: &configuration, isDataMoved: settings.isDataMoved) {
      totals in
      restored.map { Self.isFinished($0.state, phases, totals: totals) } ?? false
    }
    self.configuration = configuration
    stages = Stage.all(phases, totals: configuration.progress.epochs)
    state =
      restored?.state
      ?? TrainingState(
        log: RunLog(columns: ["epoch", "step"] + task.columns.map(\.name)))
    guard let restored else { return }
    try folder.require(restored, configuration)
    guard state.phase < stages.count else {
      throw folder.unusableCheckpoint("belongs to another run")
    }
    (values, isWithinPhase) = (restored.values, true)
    isSavedAtEpochEnd = state.step == 0
    // Left behind where the process ended just after an epoch's end.
    if state.step == 0 { folder.forgetEpochStart() }
  }

  // MARK: - The loop

  /// Trains until the last epoch, until patience is lost, or until a stop is asked for.
  ///
  /// - Parameter report: is told of everything that happens.
  /// - Returns: how it ended; the run folder holds the rest.
  public func train(
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingOutcome {
    for warning in warnings { report(.warning(warning)) }
    report(.started(epochs: epochNumber, steps: state.step))
    let context = PhaseContext(
      options: PlanOptions(threads: settings.threads, profiler: settings.profiler),
      random: RandomSource(seed: settings.seed), interruption: interruption
    ) { report(.preparing($0, done: $1, of: $2)) }
    var throughput = Throughput(interruption)
    var reported: Set<DatasetWarning> = []
    var phase: PhaseRun?
    var savedAt = MonotonicClock.seconds

    do throws(TrainingError) {
      training: while true {
        if handsOver() { phase = nil }
        if isComplete { break }
        if phase == nil {
          phase = try planned(context)
          savedAt = MonotonicClock.seconds
          // Each phase has a pace of its own.
          throughput = Throughput(interruption)
        }
        guard let run = phase else { break }
        let began = MonotonicClock.seconds
        throughput.start()

        // The steps that are left of the epoch.
        while state.step < run.stepsPerEpoch {
          if interruption.isRequested { throw .interrupted }
          if MonotonicClock.seconds - savedAt >= settings.saveInterval {
            try save(run, isEpochEnd: false)
            savedAt = MonotonicClock.seconds
          }
          let numbers = try run.takeStep(state)
          for warning in run.drainWarnings() where reported.insert(warning).inserted {
            report(.skippedExample(warning))
          }
          guard numbers.allSatisfy(\.value.isFinite) else {
            report(.warning(try recovered(from: run, context)))
            phase = nil
            continue training
          }
          state.step += 1
          state.reported.add(numbers)
          try run.updateAverage(&state)
          throughput.add(run.plan.batchSize)
          report(.step(stepReport(run, throughput)))
        }
        // After an epoch's last step, too: measuring can take as long as many steps.
        try interruption.check()

        // The epoch's end: measured, logged, kept.
        update(run.snapshot, of: run)
        let measures = try run.phase.measure(run.snapshot)
        let row = row(run, measures)
        let isBest = take(row, run)
        if isBest { try saveBest(run, measures) }
        try run.phase.draw(run.snapshot, in: folder)
        let seconds = MonotonicClock.seconds - began
        try folder.write(
          state.log,
          timings: [("seconds", seconds), ("examples_per_second", throughput.rate)])
        try folder.drawCurves(state.log, task.columns)
        try save(run, isEpochEnd: true)
        savedAt = MonotonicClock.seconds
        throughput.endEpoch()
        report(
          .epoch(
            EpochReport(
              epoch: epochNumber, epochs: lastEpochNumber, values: row,
              isBest: isBest && run.plan.selection != nil, seconds: seconds,
              examplesPerSecond: throughput.rate)))
        for warning in measures.warnings { report(.warning(warning)) }
      }
      try task.finish(in: folder, context)
    } catch {
      guard error == .interrupted else { throw error }
      if let phase, state.step > 0 { try save(phase, isEpochEnd: false) }
      return .interrupted(epoch: epochNumber + 1, step: state.step)
    }
    return shouldStopEarly ? .stoppedEarly(epoch: epochNumber) : .complete
  }

  /// The phase under way with its plans, filled from the checkpoint or from the phase before.
  private func planned(_ context: PhaseContext) throws(TrainingError) -> PhaseRun {
    do throws(TrainingError) {
      return try PhaseRun(
        stages[state.phase], values: values, isResumed: isWithinPhase, state: state,
        context: context)
    } catch {
      if case .checkpoint(let problem) = error { throw folder.unusableCheckpoint(problem) }
      throw error
    }
  }

  /// Goes back to the epoch's beginning after numbers that are not finite, with half the learning rates.
  ///
  /// - Returns: what to tell.
  /// - Throws: where rates are not to be halved, or were halved often enough: the error names the place.
  private func recovered(
    from run: PhaseRun, _ context: PhaseContext
  ) throws(TrainingError) -> String {
    let (failed, epoch) = (state, epochNumber + 1)
    try restoreEpochStart()
    let factor = failed.rateFactor / 2
    guard run.plan.recovery == .halvedRates, factor >= Self.minLearningRateFactor else {
      state.rateFactor = failed.rateFactor
      let place = try planned(context).firstNonFinite(from: state, to: failed, interruption)
      throw .notFinite(epoch: epoch, step: failed.step + 1, place: place)
    }
    // Not saved: whoever goes on from the same checkpoint comes to the same step and does the same.
    state.rateFactor = factor
    return "a loss is not finite at step \(failed.step + 1) of epoch \(epoch); going on from the "
      + "epoch's beginning with learning rates × \(factor)"
  }
}
