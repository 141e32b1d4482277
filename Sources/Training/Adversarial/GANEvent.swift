import Datasets

/// What an adversarial trainer tells while it works.
public enum GANEvent: Sendable {
  /// The training begins, or goes on after so many complete epochs and steps.
  case began(epoch: Int, step: Int)
  case step(GANStepReport)
  /// A picture that cannot be read, each once; others take its place.
  case damaged(DatasetWarning)
  /// An epoch is complete and saved.
  case epoch(GANEpochReport)
  /// Something is going wrong; what to do about it.
  case alarm(String)
}

/// How training stands within an epoch; the means are over its steps so far.
public struct GANStepReport: Sendable {
  /// The epoch, from 1.
  public var epoch: Int
  public var epochs: Int
  public var step: Int
  public var stepsPerEpoch: Int
  public var discriminatorLoss: Double
  public var generatorLoss: Double
  /// D(x): the probability of being real that real pictures get.
  public var realProbability: Double
  /// D(G(z)): the same of generated ones.
  public var fakeProbability: Double
  public var imagesPerSecond: Double
  public var secondsLeft: Double?
}

/// What an epoch brought.
public struct GANEpochReport: Sendable {
  /// The means over the epoch's steps.
  public var steps: GANStepReport
  /// Nil where it is not measured.
  public var quality: GANQuality?
  /// Whether this is the best epoch so far.
  public var isBest: Bool
  public var seconds: Double
}
