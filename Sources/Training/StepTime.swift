import Datasets
import Engine
import Files
import ModelFiles
import Tensors

extension Trainer {
  /// How long a step of a task's last phase takes on this machine: it is planned with random values, tried,
  /// and thrown away.
  ///
  /// - Returns: seconds, the median of a few steps.
  public static func secondsPerStep(
    of task: some LearningTask, settings: TrainingSettings,
    interruption: Interruption = Interruption()
  ) throws(TrainingError) -> Double {
    guard let phase = task.phases.last else { return 0 }
    let context = PhaseContext(
      options: PlanOptions(threads: settings.threads), random: RandomSource(seed: settings.seed),
      interruption: interruption)
    let stage = Stage(phase: phase, streams: "trial", epochs: 1, carriesOver: .weights)
    let run = try PhaseRun(
      stage, values: TensorTable(), isResumed: false,
      state: TrainingState(log: RunLog(columns: [])), context: context)
    var seconds: [Double] = []
    var state = TrainingState(log: RunLog(columns: []))
    // The first step touches memory for the first time.
    for _ in 0..<min(4, run.stepsPerEpoch) {
      try interruption.check()
      let start = MonotonicClock.seconds
      _ = try run.takeStep(state)
      seconds.append(MonotonicClock.seconds - start)
      state.step += 1
    }
    let usual = seconds.dropFirst(seconds.count > 1 ? 1 : 0).sorted()
    return usual.isEmpty ? 0 : usual[usual.count / 2]
  }
}
