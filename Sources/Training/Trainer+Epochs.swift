import Engine
import ModelFiles
import Tensors

extension Trainer {
  /// Tells a snapshot where the phase stands after an epoch's last step.
  func update(_ snapshot: Snapshot, of run: PhaseRun) {
    snapshot.epoch = epochNumber + 1
    snapshot.isLastEpoch = state.epoch + 1 == run.epochs
    snapshot.steps = (state.epoch + 1) * run.stepsPerEpoch
    snapshot.means = state.reported.means
  }

  /// The row of the log of an epoch whose steps are done, by column.
  func row(_ run: PhaseRun, _ measures: Measures) -> [String: Double] {
    let last = run.snapshot.steps - 1
    let before = state.log.column("step").last ?? nil
    var row = run.snapshot.means.merging(measures.values) { $1 }
    row["epoch"] = Double(epochNumber + 1)
    row["step"] = (before ?? 0) + Double(run.plan.isPreparation ? 0 : run.stepsPerEpoch)
    row[Column.learningRate] = Double(run.learningRate * run.rateFactor(at: last))
    return row
  }

  /// Takes an epoch into the state.
  ///
  /// - Returns: whether it is the best so far.
  func take(_ row: [String: Double], _ run: PhaseRun) -> Bool {
    let isBest =
      run.plan.selection.map {
        $0.isBetter(row, than: state.best?.values ?? [:])
      } ?? true
    if isBest { state.best = BestEpoch(epoch: epochNumber + 1, values: row) }
    state.log.append(row)
    state.epoch += 1
    state.step = 0
    state.reported = RunningMeans()
    return isBest
  }

  /// Writes the model of the best epoch.
  func saveBest(_ run: PhaseRun, _ measures: Measures) throws(TrainingError) {
    var file = try task.modelFile(run.snapshot, measures)
    file.task = ModelTask(rawValue: type(of: task).id)
    do throws(ModelFileError) {
      try file.write(to: folder.best, precision: settings.storedPrecision)
    } catch { throw .file(path: folder.best, problem: "\(error)") }
  }

  func stepReport(_ run: PhaseRun, _ throughput: Throughput) -> StepReport {
    let steps = run.stepsPerEpoch - state.step + (run.epochs - state.epoch - 1) * run.stepsPerEpoch
    return StepReport(
      epoch: epochNumber + 1, epochs: lastEpochNumber, step: state.step,
      stepsPerEpoch: run.stepsPerEpoch, means: state.reported.means,
      examplesPerSecond: throughput.rate,
      secondsLeft: throughput.secondsLeft(
        examples: steps * run.plan.batchSize, epochs: run.epochs - state.epoch))
  }

  // MARK: - Checkpoints

  /// Saves everything that is needed to go on from this very step.
  func save(_ run: PhaseRun, isEpochEnd: Bool) throws(TrainingError) {
    let record = CheckpointRecord(configuration, state)
    // The last one may as well be of an earlier step of the same epoch, from where none begins.
    if !isEpochEnd, isSavedAtEpochEnd { folder.keepEpochStart() }
    values = run.values
    isWithinPhase = true
    try folder.save(record, values)
    isSavedAtEpochEnd = isEpochEnd
    if isEpochEnd { folder.forgetEpochStart() }
  }

  /// Goes back to where the epoch under way began.
  func restoreEpochStart() throws(TrainingError) {
    guard let restored = try folder.epochStart(configuration) else {
      (values, isWithinPhase) = (TensorTable(), false)
      state = TrainingState(log: RunLog(columns: state.log.columns))
      return
    }
    (state, values, isWithinPhase) = (restored.state, restored.values, true)
    _ = handsOver()
  }
}
