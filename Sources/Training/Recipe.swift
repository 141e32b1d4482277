import Datasets
import Engine
import Networks

/// How a classifier is trained, without the data: network, optimiser, schedule, augmentation.
public struct Recipe: Sendable, Hashable, Codable {
  /// The network's name in the model catalogue.
  public var model: String
  /// The probability of all dropout layers of the network; nil leaves what they say.
  public var dropout: Float?
  /// Sides of the square that pictures are brought to.
  public var imageSize: Int
  /// Passes over the training pictures.
  public var epochs: Int
  /// Pictures in a step. The pictures that are left at an epoch's end, fewer than a batch, are left
  /// out; the order is new in each epoch, so that they are others each time.
  public var batchSize: Int
  /// Rule, weight decay and limits on gradients.
  public var optimizer: Optimizer
  /// The learning rate at the schedule's top.
  public var learningRate: Float
  /// How the rate changes over the epochs.
  public var schedule: LearningRateCurve
  /// The learning rate of batch normalisation's shifts as a multiple of the others'.
  public var shiftRateFactor: Float
  /// The probability that is spread over all classes, 0 to below 1 (Szegedy et al. 2016).
  public var labelSmoothing: Float
  /// How pictures are varied from epoch to epoch.
  public var augmentation: [AugmentationKind]
  /// Over how many epochs the averaged weights reach back; nil takes the last weights as they are.
  public var averagedEpochs: Double?
  /// Whether pictures are seen mirrored, too, when the network is asked, here and in use.
  public var mirrorsWhenAsked: Bool
  /// Numbers that the plan computes in.
  public var precision: Precision
  /// Stop when the validation accuracy has not risen for so many epochs; nil never stops early.
  public var patience: Int?

  /// A recipe with the usual choices for what is not given.
  public init(
    model: String, dropout: Float? = nil, imageSize: Int, epochs: Int, batchSize: Int,
    optimizer: Optimizer, learningRate: Float, schedule: LearningRateCurve = .cosine,
    shiftRateFactor: Float = 1, labelSmoothing: Float = 0, augmentation: [AugmentationKind] = [],
    averagedEpochs: Double? = nil, mirrorsWhenAsked: Bool = false,
    precision: Precision = .float32, patience: Int? = nil
  ) {
    self.model = model
    self.dropout = dropout
    self.imageSize = imageSize
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.schedule = schedule
    self.shiftRateFactor = shiftRateFactor
    self.labelSmoothing = labelSmoothing
    self.augmentation = augmentation
    self.averagedEpochs = averagedEpochs
    self.mirrorsWhenAsked = mirrorsWhenAsked
    self.precision = precision
    self.patience = patience
  }
}

/// How the learning rate goes over a whole training, in shares of it.
public enum LearningRateCurve: String, Sendable, Hashable, Codable, CaseIterable {
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
  func schedule(steps: Int) -> Schedule {
    switch self {
    case .constant: .constant
    case .steps: .steps(every: max(steps / 3, 1), factor: 0.1)
    case .cosine:
      .warmUp(steps: max(steps / 20, 1), then: .cosine(steps: steps - max(steps / 20, 1)))
    case .triangle: .triangle(steps: steps, rise: 0.23, start: 0.2)
    case .oneCycle: .oneCycle(steps: steps)
    }
  }
}

/// In JSON the name of the option: `fp32`, `bf16`.
extension Precision: Codable {}
