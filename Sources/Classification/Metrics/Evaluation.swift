import Training

/// How well a classifier did on a set of labeled images.
public struct Evaluation: Sendable, Hashable {
  /// Images seen.
  public var count: Int
  /// Share predicted right, 0…1.
  public var accuracy: Double
  /// Share whose class was among the five most likely, 0…1; nil with five classes or fewer, where
  /// it says nothing.
  public var topFiveAccuracy: Double?
  /// Share whose group was the most likely one, 0…1; nil where labels have no groups.
  public var groupAccuracy: Double?
  /// Mean cross-entropy in nats, without label smoothing.
  public var loss: Double
  /// Expected calibration error, 0…1 (see ``Calibration``).
  public var calibrationError: Double
  /// Which class was taken for which.
  public var confusion: ConfusionCounts
}
