import Datasets
import Engine
import Inference
import ModelFiles
import Networks
import Tensors
import Training

/// Learning to tell classes of images apart.
///
/// Where it begins from a trained network, a new head is trained alone first, on features that are
/// computed once, so that its random beginning does not spoil the layers before it (Kumar et al. 2022,
/// "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", arXiv
/// 2202.10054).
public struct ClassifierTask: LearningTask {
  public static let id = ModelTask.classification.rawValue
  public static let examples = "images"

  public let settings: ClassifierSettings
  public let network: Network
  public let images: TrainingSplit
  /// The values of those variables that do not begin at random.
  let pretrainedWeights: TensorTable
  let card: ModelCard

  /// - Parameters:
  ///   - images: those to learn from and those to measure by.
  ///   - pretrainedWeights: the values of a trained network that it begins from.
  ///   - card: what the model file says beside what is measured.
  public init(
    settings: ClassifierSettings, network: Network, images: TrainingSplit,
    pretrainedWeights: TensorTable = TensorTable(), card: ModelCard
  ) {
    self.settings = settings
    self.network = network
    self.images = images
    self.pretrainedWeights = pretrainedWeights
    self.card = card
  }

  public var configuration: any Encodable & Sendable { settings }
  public var columns: [Column] { Self.columns(isMultiLabel: images.training.isMultiLabel) }
  public var data: [DataIdentity] { settings.data }

  public var phases: [any Phase] {
    let network = NetworkPhase(task: self)
    guard let fineTuning = settings.fineTuning, fineTuning.augmentedViews > 0 else {
      return [network]
    }
    return [HeadPhase(task: self, fineTuning: fineTuning), network]
  }

  public static let columns = [
    Column("learning_rate", title: "rate", format: .significant, chart: "", isShown: false),
    Column(
      "loss", title: "loss", format: .decimals(4), chart: "Loss", series: "training",
      isDashed: true),
    Column(
      "accuracy", title: "accuracy", format: .percent, chart: "Accuracy", series: "training",
      isDashed: true),
    Column(
      "validation_loss", title: "val. loss", format: .decimals(4), chart: "Loss",
      series: "validation"),
    Column(
      "validation_accuracy", title: "val. acc.", format: .percent, chart: "Accuracy",
      series: "validation"),
  ]

  /// The best epoch has the highest validation accuracy, balanced where classes are, or the highest mean
  /// average precision of labels that hold each on its own; without validation the last one is kept.
  var selection: Selection? {
    images.validation.map { _ in
      guard !images.training.isMultiLabel else {
        return Selection(("validation_map", largest: true), ("validation_loss", largest: false))
      }
      let accuracy = settings.recipe.balancesClasses ? Self.balancedAccuracy : "validation_accuracy"
      return Selection((accuracy, largest: true), ("validation_loss", largest: false))
    }
  }

  /// Not a column of the log: what balanced classes are judged by.
  private static let balancedAccuracy = "balanced_accuracy"

  // MARK: - Measuring

  /// After so many epochs the network is measured: more than one where there are many more images to
  /// measure by than to learn from, so that measuring doesn't take most of the time.
  private var validationInterval: Int {
    max(1, (images.validation?.count ?? 0) / (2 * max(images.training.count, 1)))
  }

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    guard let validation = images.validation,
      snapshot.epoch % validationInterval == 0 || snapshot.isLastEpoch
    else { return Measures() }
    let evaluator = try snapshot.tool { () throws(TrainingError) in
      try ClassifierEvaluator(
        predictor: predictor(snapshot.context, variables: snapshot.variables, snapshot.scope),
        images: validation, form: settings.input, groups: groups)
    }
    if validation.isMultiLabel { return try measureLabels(evaluator, snapshot) }
    let result = try evaluator.evaluate(interruption: snapshot.context.interruption) {
      snapshot.context.progress("validation", $0, validation.count)
    }
    let evaluation = result.evaluation
    return Measures(
      [
        "validation_loss": evaluation.loss, "validation_accuracy": evaluation.accuracy,
        Self.balancedAccuracy: evaluation.confusion.balancedAccuracy,
      ],
      details: result)
  }

  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    card.classNames = settings.classNames
    card.preprocessing = settings.input
    let result = measures.details as? ClassifierEvaluator.Result
    if let result { card.setMetrics(result.evaluation) }
    if let labels = measures.details as? LabelEvaluation { card.setMetrics(labels) }
    var file = try snapshot.modelFile(
      of: network, card: card,
      metadata: Classifier.metadata(usesFlipTTA: settings.recipe.usesFlipTTA))
    if let result {
      CalibratedClassifier(
        logits: result.logits, labels: result.labels, classNames: settings.classNames,
        groups: groups)?.apply(to: &file, of: network)
    }
    return file
  }

  /// The groups of the card's labels.
  private var groups: LabelGroups? {
    // Looked at when the task was made.
    card.groups.isEmpty ? nil : try? LabelGroups(card.groups, labels: settings.classNames)
  }

  /// Draws `confusion.png` and `mistakes.png` by what the best model says of the validation images; of labels
  /// that hold each on its own, none of which is taken for another, nothing.
  public func finish(in folder: RunFolder, _ context: PhaseContext) throws(TrainingError) {
    guard let validation = images.validation, !validation.isMultiLabel,
      folder.contains(folder.best)
    else { return }
    let evaluator: ClassifierEvaluator
    do {
      evaluator = ClassifierEvaluator(
        predictor: try predictor(context, variables: LoadedModel(path: folder.best).variables, nil),
        images: validation, form: settings.input)
    } catch { throw TrainingError(wrapping: error) }
    let result = try evaluator.evaluate(interruption: context.interruption) {
      context.progress("figures", $0, validation.count)
    }
    let accuracy = EvaluationReport.percent(result.evaluation.accuracy)
    try folder.drawConfusion(
      result.evaluation.confusion, classNames: settings.classNames,
      title: "\(card.name): \(accuracy) of \(result.evaluation.count) validation images")
    try folder.drawMistakes(result, in: validation)
  }

  /// The network as validation runs it.
  private func predictor(
    _ context: PhaseContext, variables: VariableStore, _ scope: String?
  ) throws(TrainingError) -> Predictor {
    var options = context.options
    options.precision = settings.recipe.precision
    do throws(InferenceError) {
      return try Predictor(
        network: network, variables: variables, labelCount: settings.classNames.count, scope: scope,
        batchSize: min(settings.recipe.batchSize, 256), usesFlipTTA: settings.recipe.usesFlipTTA,
        options: options)
    } catch { throw TrainingError(wrapping: error) }
  }
}

extension ModelCard {
  /// Says what was measured on validation images.
  mutating func setMetrics(_ evaluation: Evaluation) {
    metrics = ["accuracy": evaluation.accuracy, "loss": evaluation.loss]
    metrics["top5"] = evaluation.topFiveAccuracy
    metrics["groupAccuracy"] = evaluation.groupAccuracy
    evaluatedOn = "\(evaluation.count) validation images"
    // Of hundreds of classes nobody reads it, and every command that loads the model would.
    confusion = evaluation.confusion.classCount <= 100 ? evaluation.confusion.rows : []
  }
}
