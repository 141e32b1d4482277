import Datasets

/// What a trainer tells while it works.
public enum TrainingEvent: Sendable {
  /// The training begins, or goes on after so many complete epochs and steps.
  case began(epoch: Int, step: Int)
  /// The features of so many batches of all are computed, to train a new head on.
  case features(Int, of: Int)
  /// A step is done.
  case step(StepReport)
  /// So many of all validation pictures were seen.
  case validated(Int, of: Int)
  /// A picture cannot be read and is left out.
  case damaged(DatasetWarning)
  /// An epoch is complete and saved.
  case epoch(EpochReport)
}

/// How training stands within an epoch.
public struct StepReport: Sendable {
  /// The epoch, from 1.
  public var epoch: Int
  /// All epochs.
  public var epochs: Int
  /// Steps done in this epoch.
  public var step: Int
  /// Steps that an epoch has.
  public var stepsPerEpoch: Int
  /// Means over the epoch's steps so far: cross-entropy in nats, share predicted right.
  public var loss: Double
  public var accuracy: Double
  /// Pictures a second since the training began or went on.
  public var imagesPerSecond: Double
  /// Seconds until the last epoch ends, validation not counted; nil before it can be told.
  public var secondsLeft: Double?
}

/// What an epoch brought.
public struct EpochReport: Sendable {
  /// The epoch, from 1; 0 for the training of a new head alone.
  public var epoch: Int
  public var epochs: Int
  /// Of the last step.
  public var learningRate: Double
  /// Means over the epoch's steps, on varied pictures and with dropout.
  public var loss: Double
  public var accuracy: Double
  /// On the validation pictures; nil where there are none.
  public var validationLoss: Double?
  public var validationAccuracy: Double?
  /// Whether this is the best epoch so far.
  public var isBest: Bool
  /// How long the epoch took since it began or went on, validation included.
  public var seconds: Double
  public var imagesPerSecond: Double
}

/// How a training ended.
public enum TrainingEnd: Sendable, Hashable {
  /// All epochs are done.
  case complete
  /// The validation accuracy has not risen for as many epochs as `patience` allows.
  case outOfPatience(epoch: Int)
  /// A stop was asked for; everything is saved.
  case interrupted(epoch: Int, step: Int)
}
