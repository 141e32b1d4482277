import Datasets
import Engine
import Networks
import Training

/// How a classifier is trained, without the data: network, optimizer, schedule, augmentation.
public struct Recipe: Sendable, Hashable, Encodable {
  /// The network's name in the model catalog.
  public var model: String
  /// The probability of all dropout layers of the network; nil leaves what they say.
  public var dropout: Float?
  /// Sides of the square that images are resized to.
  public var imageSize: Int
  /// Passes over the training images.
  public var epochs: Int
  /// Images in a step. The images that are left at an epoch's end, fewer than a batch, are left out; the
  /// order is new in each epoch, so that they are others each time.
  public var batchSize: Int
  /// Rule, weight decay and limits on gradients.
  public var optimizer: Optimizer
  /// The learning rate at the schedule's top.
  public var learningRate: Float
  /// How the rate changes over the epochs.
  public var schedule: LearningRateSchedule
  /// The learning rate of batch normalization's biases as a multiple of the others'.
  public var batchNormBiasLRFactor: Float
  /// The probability that is spread over all classes, 0 to below 1 (Szegedy et al. 2016); of labels that hold
  /// each on its own, how far the targets 0 and 1 are drawn toward ½.
  public var labelSmoothing: Float
  /// How images are varied from epoch to epoch.
  public var augmentation: [AugmentationKind]
  /// The time constant of the exponential moving average of the weights in epochs, its half-life divided
  /// by ln 2; nil takes the last weights as they are.
  public var emaEpochs: Double?
  /// Test-time augmentation: whether the predictions for an image and its mirror image are averaged, in
  /// validation and in use.
  public var usesFlipTTA: Bool
  /// Numbers that are computed in.
  public var precision: Precision
  /// Whether each class is seen as often as the largest, and the best epoch is the one with the best
  /// balanced accuracy; of labels that hold each on its own, whether those images that have a label count
  /// together as much as those that have not (``IndependentLabelLoss/balancingWeights(counts:total:)``).
  public var balancesClasses: Bool
  /// Stop when the validation accuracy has not risen for so many epochs; nil never stops early.
  public var patience: Int?

  /// A recipe with the usual choices for what is not given.
  public init(
    model: String, dropout: Float? = nil, imageSize: Int, epochs: Int, batchSize: Int,
    optimizer: Optimizer, learningRate: Float, schedule: LearningRateSchedule = .cosine,
    batchNormBiasLRFactor: Float = 1, labelSmoothing: Float = 0,
    augmentation: [AugmentationKind] = [],
    emaEpochs: Double? = nil, usesFlipTTA: Bool = false,
    precision: Precision = .float32, balancesClasses: Bool = false, patience: Int? = nil
  ) {
    self.model = model
    self.dropout = dropout
    self.imageSize = imageSize
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.schedule = schedule
    self.batchNormBiasLRFactor = batchNormBiasLRFactor
    self.labelSmoothing = labelSmoothing
    self.augmentation = augmentation
    self.emaEpochs = emaEpochs
    self.usesFlipTTA = usesFlipTTA
    self.precision = precision
    self.balancesClasses = balancesClasses
    self.patience = patience
  }

  /// All but the epochs, which a finished training may be given more of.
  private enum CodingKeys: String, CodingKey {
    case model, dropout, imageSize, batchSize, optimizer, learningRate, schedule
    case batchNormBiasLRFactor, labelSmoothing, augmentation, emaEpochs, usesFlipTTA, precision
    case balancesClasses, patience
  }
}

extension Recipe {
  /// Refuses numbers that make no sense.
  ///
  /// - Parameter fewest: epochs that there must be.
  func validate(epochs fewest: Int) throws(TrainingError) {
    func require(
      _ isRight: Bool, _ name: String, _ value: Any, _ expected: String
    ) throws(TrainingError) {
      guard isRight else { throw .setting(name, "\(value): must be \(expected)") }
    }
    try require((1...4_096).contains(imageSize), "imageSize", imageSize, "between 1 and 4096")
    try require(
      (fewest...1_000_000).contains(epochs), "epochs", epochs, "between \(fewest) and 1,000,000")
    try require((1...65_536).contains(batchSize), "batchSize", batchSize, "between 1 and 65,536")
    try require(
      learningRate.isFinite && learningRate > 0, "learningRate", learningRate, "above 0")
    try require(
      (0..<1).contains(labelSmoothing), "labelSmoothing", labelSmoothing,
      "at least 0 and less than 1")
    if let dropout {
      try require((0..<1).contains(dropout), "dropout", dropout, "at least 0 and less than 1")
    }
    switch optimizer.clipping {
    case .norm(let limit), .value(let limit):
      try require(limit.isFinite && limit > 0, "clipping", limit, "above 0")
    case nil: break
    }
    if let patience { try require(patience > 0, "patience", patience, "at least 1") }
    if let emaEpochs {
      try require(emaEpochs.isFinite && emaEpochs >= 0, "emaEpochs", emaEpochs, "at least 0")
    }
  }
}

/// How the learning rate changes over a whole training, in fractions of it.
public enum LearningRateSchedule: String, Sendable, Hashable, Codable, CaseIterable {
  /// The same all the time.
  case constant
  /// Divided by ten after each third of the training.
  case steps
  /// Up over 5 % of the steps, then down half a cosine to zero.
  case cosine
  /// Straight up from a fifth over 23 % of the steps (Jordan 2024, arXiv 2404.00498), then straight
  /// down to zero.
  case triangle
  /// Up over 30 % of the steps along a cosine, then down (Smith and Topin 2017).
  case oneCycle = "one-cycle"

  /// The schedule over a number of steps.
  func schedule(_ steps: Int) -> Schedule {
    switch self {
    case .constant: .constant
    case .steps: .step(every: max(steps / 3, 1), factor: 0.1)
    case .cosine:
      .warmup(steps: max(steps / 20, 1), then: .cosine(steps: steps - max(steps / 20, 1)))
    case .triangle: .triangular(steps: steps, warmupFraction: 0.23, start: 0.2)
    case .oneCycle: .oneCycle(steps: steps)
    }
  }
}
