/// Where a training stands: with the variables, everything that it needs to go on.
struct TrainingState: Sendable, Hashable, Codable {
  /// The phase under way, from 0.
  var phase = 0
  /// Complete epochs of the phase.
  var epoch = 0
  /// Steps done of the epoch under way.
  var step = 0
  /// What these steps reported.
  var reported = RunningMeans()
  /// All learning rates are multiplied by it; halved where numbers were not finite.
  var rateFactor: Float = 1
  /// Examples that the average had seen when the phase began, and at its last update.
  var seenBefore = 0
  var averaged = 0
  /// The best epoch so far.
  var best: BestEpoch?
  /// One row for each complete epoch.
  var log: RunLog

  /// The state at the beginning of the next phase.
  mutating func enterNextPhase(keepingAverage: Bool) {
    seenBefore = keepingAverage ? averaged : 0
    averaged = seenBefore
    (phase, epoch, step) = (phase + 1, 0, 0)
    reported = RunningMeans()
  }
}

/// The best epoch of a training.
public struct BestEpoch: Sendable, Hashable, Codable {
  /// Its number; 0 and below in preparing phases.
  public var epoch: Int
  /// What was measured, by column.
  public var values: [String: Double]
}
