import Datasets

/// What a trainer tells while it works.
public enum TrainingEvent: Sendable {
  /// The training begins, or goes on after so many complete epochs and steps of the next one.
  case started(epochs: Int, steps: Int)
  /// Work between steps, such as features or a measurement, and how much of it is done.
  case preparing(String, done: Int, of: Int)
  /// A step is done.
  case step(StepReport)
  /// An example that cannot be read, each once; another takes its place.
  case skippedExample(DatasetWarning)
  /// Something is going wrong; what to do about it.
  case warning(String)
  /// An epoch is complete and saved.
  case epoch(EpochReport)
}

/// How a training stands within an epoch.
public struct StepReport: Sendable {
  /// The epoch's number, from 1; up to 0 in phases that prepare.
  public var epoch: Int
  /// The number of the last epoch.
  public var epochs: Int
  /// Steps done in this epoch, of those that it has.
  public var step: Int
  public var stepsPerEpoch: Int
  /// Means over these steps, by column.
  public var means: [String: Double]
  public var examplesPerSecond: Double
  /// Seconds until the last epoch ends; nil before it can be told.
  public var secondsLeft: Double?
}

/// What an epoch brought.
public struct EpochReport: Sendable {
  /// The epoch's number, from 1; up to 0 in phases that prepare.
  public var epoch: Int
  /// The number of the last epoch.
  public var epochs: Int
  /// The row of the log, by column.
  public var values: [String: Double]
  /// Whether it is the best so far; false where nothing is compared.
  public var isBest: Bool
  /// How long the epoch took since it began or went on, measurement included.
  public var seconds: Double
  public var examplesPerSecond: Double
}

/// How a training ended.
public enum TrainingOutcome: Sendable, Hashable {
  /// All epochs are done.
  case complete
  /// No epoch has been the best for as many epochs as the plan's patience allows.
  case stoppedEarly(epoch: Int)
  /// A stop was asked for after so many steps of an epoch; everything is saved.
  case interrupted(epoch: Int, step: Int)
}
