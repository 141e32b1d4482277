import ModelFiles
import Tensors

/// A phase and its epochs in one training.
struct Stage {
  var phase: any Phase
  /// The name of its random streams.
  var streams: String
  var epochs: Int
  var carriesOver: CarryOver

  /// The stages of a training: its phases, the last once more for each time that the finished training
  /// was given further epochs, with a schedule of its own and everything carried over.
  ///
  /// - Parameter totals: the epochs of the last phase, as they were given one time after the other.
  static func all(_ phases: [any Phase], totals: [Int]) -> [Stage] {
    var stages = phases.map {
      Stage(
        phase: $0, streams: $0.plan.id, epochs: $0.plan.epochs,
        carriesOver: $0.plan.carriesOver)
    }
    guard let last = stages.popLast() else { return [] }
    var before = 0
    for total in totals {
      stages.append(
        Stage(
          phase: last.phase,
          streams: before == 0 ? last.streams : "\(last.streams) after \(before)",
          epochs: total - before,
          carriesOver: before == 0 ? last.carriesOver : .everything))
      before = total
    }
    return stages
  }
}

extension Trainer {
  private var stage: Stage { stages[state.phase] }

  /// Epochs of the phases that prepare.
  private var preparingEpochs: Int {
    stages.filter(\.phase.plan.isPreparation).map(\.epochs).reduce(0, +)
  }

  /// The number of the last epoch that is complete, from 1; up to 0 in phases that prepare.
  var epochNumber: Int { state.log.rows.count - preparingEpochs }

  /// The number of the last epoch.
  var lastEpochNumber: Int { stages.map(\.epochs).reduce(0, +) - preparingEpochs }

  /// The best epoch so far; nil before the first epoch's end.
  public var best: BestEpoch? { state.best }

  /// Whether no epoch of the phase under way has been the best for too long.
  var shouldStopEarly: Bool {
    guard let patience = stage.phase.plan.patience else { return false }
    let best = max(state.best?.epoch ?? .min, epochNumber - state.epoch)
    return epochNumber - best >= patience
  }

  /// Whether the phase under way has no step left to take.
  private var isPhaseComplete: Bool { state.epoch >= stage.epochs || shouldStopEarly }

  /// Whether all phases are complete.
  var isComplete: Bool { isPhaseComplete && state.phase + 1 == stages.count }

  /// Lets a phase that is complete hand its values over to the next.
  ///
  /// - Returns: whether there was one.
  func handsOver() -> Bool {
    var handsOver = false
    while isPhaseComplete, state.phase + 1 < stages.count {
      let next = stages[state.phase + 1]
      if next.carriesOver == .weights { values = Self.weights(of: values) }
      state.enterNextPhase(keepingAverage: next.carriesOver == .everything)
      isWithinPhase = false
      handsOver = true
    }
    return handsOver
  }

  /// The values of networks, the averaged ones where there are any.
  private static func weights(of values: TensorTable) -> TensorTable {
    let (average, optimizer) = (EMAUpdate.scope + ".", StepBuilder.optimizerScope + ".")
    var weights = TensorTable()
    for (name, tensor) in values where !name.hasPrefix(average) && !name.hasPrefix(optimizer) {
      weights[name] = values[average + name] ?? tensor
    }
    return weights
  }

  /// Whether the training is finished, so that it may be given further epochs.
  static func isFinished(_ state: TrainingState, _ phases: [any Phase], totals: [Int]) -> Bool {
    let stages = Stage.all(phases, totals: totals)
    guard state.phase < stages.count else { return false }
    return state.epoch == stages[state.phase].epochs
      && stages[(state.phase + 1)...].allSatisfy { $0.epochs == 0 }
  }
}
