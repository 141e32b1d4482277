import ArgumentParser
import Classification
import Datasets
import Engine
import Graphs
import ModelFiles
import Models
import Networks
import Training

/// What of a recipe can be set on the command line; what is not set suits the data.
struct RecipeOptions: ParsableArguments {
  private static let imageNetworks = Models.classifiers.map(\.name)
  private static let sequenceNetworks = SequenceModels.all.map(\.name)

  @Option(
    name: [.long, .customLong("network")],
    help: ArgumentHelp(
      """
      The network: \(Self.imageNetworks.joined(separator: ", ")); for texts, series and clips \
      \(Self.sequenceNetworks.joined(separator: ", ")).
      """, valueName: "name"),
    completion: .list(Self.imageNetworks + Self.sequenceNetworks))
  var model: String?

  @Option(help: ArgumentHelp("Input size: images are resized to n × n pixels.", valueName: "n"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "Number of epochs; more than before continue a finished run.", valueName: "n"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Batch size.", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("Optimizer.", valueName: "name"))
  var optimizer: OptimizerName?

  @Option(help: ArgumentHelp("Peak learning rate.", valueName: "rate"))
  var learningRate: Float?

  @Option(help: ArgumentHelp("Weight decay.", valueName: "λ"))
  var weightDecay: Float?

  @Option(help: ArgumentHelp("Learning-rate schedule.", valueName: "name"))
  var schedule: LearningRateSchedule?

  @Option(
    help: ArgumentHelp(
      "Data augmentation: comma-separated list of \(list(AugmentationKind.self)), or none.",
      valueName: "list"))
  var augment: String?

  @Option(help: ArgumentHelp("Dropout rate.", valueName: "p"))
  var dropout: Float?

  @Option(help: ArgumentHelp("Label smoothing factor.", valueName: "p"))
  var labelSmoothing: Float?

  @Option(help: ArgumentHelp("Clip gradients to this global norm.", valueName: "norm"))
  var clip: Float?

  @Option(
    help: ArgumentHelp(
      "Exponential moving average of the weights over about this many epochs; 0 for none.",
      valueName: "epochs"))
  var emaEpochs: Double?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Test-time augmentation: average the predictions for an image and its mirror image, in \
      validation and whenever the model is used.
      """)
  var flipTta: Bool?

  @Flag(
    help: """
      Show the images of small classes more often, so that all classes count alike, and choose the \
      best epoch by balanced accuracy. With --multi-label, weight the loss of each label so that the images \
      that have it count as much as those without.
      """)
  var balance = false

  @Option(
    help: ArgumentHelp(
      """
      Early stopping: stop after n epochs without improvement in validation accuracy (with --multi-label, in \
      mean average precision).
      """, valueName: "n"))
  var patience: Int?

  /// Whether network, size and epochs are left to the data.
  var areDefault: Bool { model == nil && size == nil && epochs == nil }

  /// The recipe with what was set.
  func applied(to recipe: Recipe) throws(TrainingError) -> Recipe {
    var recipe = recipe
    if let model { recipe.model = model }
    if let size { recipe.imageSize = size }
    if let epochs { recipe.epochs = epochs }
    if let batch { recipe.batchSize = batch }
    if let optimizer {
      recipe.optimizer = optimizer.optimizer()
      recipe.learningRate = optimizer.learningRate
      recipe.batchNormBiasLRFactor = 1
    }
    if let learningRate { recipe.learningRate = learningRate }
    if let weightDecay {
      recipe.optimizer = recipe.optimizer.withWeightDecay(weightDecay)
    }
    if let schedule { recipe.schedule = schedule }
    if let augment { recipe.augmentation = try Self.augmentations(augment) }
    if let dropout { recipe.dropout = dropout }
    if let labelSmoothing { recipe.labelSmoothing = labelSmoothing }
    if let clip { recipe.optimizer.clipping = .norm(clip) }
    if let emaEpochs { recipe.emaEpochs = emaEpochs > 0 ? emaEpochs : nil }
    if let flipTta { recipe.usesFlipTTA = flipTta }
    if balance { recipe.balancesClasses = true }
    if let patience { recipe.patience = patience }
    return recipe
  }

  /// The augmentations of a comma-separated list, in its order.
  private static func augmentations(_ text: String) throws(TrainingError) -> [AugmentationKind] {
    guard text != "none" else { return [] }
    return try text.split(separator: ",").map { (name) throws(TrainingError) in
      guard let kind = AugmentationKind(name: String(name)) else {
        throw .options(
          "--augment \(name): expected \(list(AugmentationKind.self)) or none")
      }
      return kind
    }
  }

  private static func list<Value: CaseIterable & RawRepresentable<String>>(
    _ type: Value.Type
  ) -> String { type.allCases.map(\.rawValue).joined(separator: ", ") }
}

/// The optimizers by name, each with its usual constants.
enum OptimizerName: String, CaseIterable, ExpressibleByArgument {
  case sgd, nesterov, muon, adam, adamw, rmsprop, adagrad, adadelta

  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

  var rule: OptimizerRule {
    switch self {
    case .sgd: .sgd(momentum: 0.9)
    case .nesterov: .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4)
    case .muon: .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4)
    case .adam: .adam()
    case .adamw: .adam(weightDecay: 0.01, decoupledWeightDecay: true)
    case .rmsprop: .rmsProp()
    case .adagrad: .adagrad()
    case .adadelta: .adadelta()
    }
  }

  /// The rule, and Muon's steps for kernels of convolutions where they are asked for.
  func optimizer(clipping: GradientClipping? = nil) -> Optimizer {
    Optimizer(rule, clipping: clipping, muon: self == .muon ? Muon() : nil)
  }

  /// The rate that its authors or the common libraries begin with.
  var learningRate: Float {
    switch self {
    case .sgd: 0.01
    case .nesterov: 0.1
    case .muon: 0.05
    case .adam, .adamw, .rmsprop: 0.001
    case .adagrad: 0.01
    case .adadelta: 1
    }
  }
}

extension Optimizer {
  /// The same with another weight decay, of kernels that move by Muon's steps, too.
  func withWeightDecay(_ weightDecay: Float) -> Optimizer {
    var copy = self
    copy.rule = rule.withWeightDecay(weightDecay)
    copy.muon?.weightDecay = weightDecay
    return copy
  }
}

extension OptimizerRule {
  /// The same rule with another weight decay.
  func withWeightDecay(_ weightDecay: Float) -> OptimizerRule {
    switch self {
    case .sgd(let momentum, let nesterov, _):
      .sgd(momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    case .adam(let beta1, let beta2, let epsilon, _, let decoupledWeightDecay):
      .adam(
        beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
        decoupledWeightDecay: decoupledWeightDecay)
    case .rmsProp(let decay, let epsilon, let momentum, _):
      .rmsProp(decay: decay, epsilon: epsilon, momentum: momentum, weightDecay: weightDecay)
    case .adagrad(let epsilon, _): .adagrad(epsilon: epsilon, weightDecay: weightDecay)
    case .adadelta(let decay, let epsilon, _):
      .adadelta(decay: decay, epsilon: epsilon, weightDecay: weightDecay)
    }
  }
}

extension LearningRateSchedule: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension StoredPrecision: ExpressibleByArgument {}
