import Datasets
import Engine
import Glibc
import Graphs
import Inference
import ModelFiles
import Networks
import Tensors
import Training

/// Learning to tell classes of texts, series or clips apart.
public struct SequenceTask: LearningTask {
  public static let id = ModelTask.classification.rawValue
  public static let examples = "sequences"
  public static let columns = ClassifierTask.columns

  /// Everything that decides how it goes, beside data, seed and threads.
  public struct Settings: Sendable, Encodable {
    /// The classes' names in the order of the network's outputs.
    public var classNames: [String]
    /// Examples of each class that are learned from.
    public var trainingCounts: [Int]
    /// Examples of each class that are measured by.
    public var validationCounts: [Int]
    public var recipe: SequenceRecipe
    /// What examples become before the network sees them.
    public var input: SequencePreprocessing
    /// Where the data lies.
    public var data: [DataIdentity]

    public init(
      classNames: [String], trainingCounts: [Int], validationCounts: [Int],
      recipe: SequenceRecipe, input: SequencePreprocessing, data: [DataIdentity] = []
    ) {
      self.classNames = classNames
      self.trainingCounts = trainingCounts
      self.validationCounts = validationCounts
      self.recipe = recipe
      self.input = input
      self.data = data
    }

    private enum CodingKeys: String, CodingKey {
      case classNames, trainingCounts, validationCounts, recipe
    }
  }

  public let settings: Settings
  public let network: Network
  public let training: SequenceExamples
  /// nil where nothing is measured.
  public let validation: SequenceExamples?
  /// What was odd about the examples: those that cannot be read are left out.
  public let warnings: [DatasetWarning]
  /// Whether each epoch writes how gradients fade: see ``GradientProfile``.
  public var profilesGradients = false
  let card: ModelCard
  /// The first values of the embedding; nil where it begins at random.
  let embedding: Tensor?
  /// How many tokens a file of vectors has; nil where there is none.
  public internal(set) var foundVectors: Int?

  /// - Parameters:
  ///   - network: takes the sequences and, where it says so, their lengths.
  ///   - card: what the model file says beside what is measured.
  ///   - embedding: the first values of the embedding; nil where it begins at random.
  public init(
    settings: Settings, network: Network, training: SequenceExamples,
    validation: SequenceExamples?, card: ModelCard, embedding: Tensor? = nil,
    warnings: [DatasetWarning] = []
  ) {
    self.embedding = embedding
    self.warnings = warnings
    self.settings = settings
    self.network = network
    self.training = training
    self.validation = validation
    self.card = card
  }

  public var configuration: any Encodable & Sendable { settings }
  public var data: [DataIdentity] { settings.data }
  public var phases: [any Phase] { [SequencePhase(task: self)] }

  // MARK: - Measuring

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    guard let validation else { return Measures() }
    let evaluator = try snapshot.tool { () throws(TrainingError) in
      SequenceEvaluator(
        predictor: try predictor(
          snapshot.context, variables: snapshot.variables, snapshot.scope), examples: validation)
    }
    let evaluation = try evaluator.evaluate(interruption: snapshot.context.interruption) {
      snapshot.context.progress("validation", $0, validation.count)
    }
    return Measures(
      ["validation_loss": evaluation.loss, "validation_accuracy": evaluation.accuracy],
      details: evaluation)
  }

  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    card.classNames = settings.classNames
    card.sequences = settings.input
    if let evaluation = measures.details as? Evaluation {
      card.metrics = ["accuracy": evaluation.accuracy, "loss": evaluation.loss]
      card.metrics["top5"] = evaluation.topFiveAccuracy
      card.evaluatedOn =
        "\(evaluation.count) validation \(settings.input.plural)"
      card.confusion = evaluation.confusion.rows
    }
    return try snapshot.modelFile(of: network, card: card)
  }

  /// Draws `confusion.png` by what the best model says of the validation examples.
  public func finish(in folder: RunFolder, _ context: PhaseContext) throws(TrainingError) {
    guard let validation, folder.contains(folder.best) else { return }
    let evaluator: SequenceEvaluator
    do {
      evaluator = SequenceEvaluator(
        predictor: try predictor(context, variables: LoadedModel(path: folder.best).variables, nil),
        examples: validation)
    } catch { throw TrainingError(wrapping: error) }
    let evaluation = try evaluator.evaluate(interruption: context.interruption) {
      context.progress("figures", $0, validation.count)
    }
    try folder.drawConfusion(
      evaluation.confusion, classNames: settings.classNames,
      title: "\(card.name): \(EvaluationReport.percent(evaluation.accuracy)) of \(evaluation.count)"
        + " validation \(settings.input.plural)")
  }

  private func predictor(
    _ context: PhaseContext, variables: VariableStore, _ scope: String?
  ) throws(TrainingError) -> SequencePredictor {
    do throws(InferenceError) {
      return try SequencePredictor(
        network: network, variables: variables, scope: scope,
        batchSize: min(settings.recipe.batchSize, 64), options: context.options)
    } catch { throw TrainingError(wrapping: error) }
  }
}

/// The only phase: the network learns.
private struct SequencePhase: Phase {
  let task: SequenceTask

  var plan: PhasePlan {
    let recipe = task.settings.recipe
    return PhasePlan(
      id: "network", epochs: recipe.epochs, batchSize: recipe.batchSize,
      schedule: recipe.schedule.schedule,
      ema: recipe.emaEpochs.map { EMA(halfLife: $0 * log(2) * Double(task.training.count)) },
      selection: task.validation.map { _ in
        Selection(("validation_accuracy", largest: true), ("validation_loss", largest: false))
      }, patience: recipe.patience)
  }

  func examples(_ context: PhaseContext) -> any ExampleSource { task.training }

  /// A step for each bucket, which has its own length.
  var variants: [Variant] {
    task.training.usedSteps.indices.map {
      Variant("\(task.training.usedSteps[$0]) steps", bucket: $0)
    }
  }

  func variant(step: Int, bucket: Int) -> Variant { variants[bucket] }

  func initialValues(_ context: PhaseContext) throws(TrainingError) -> TensorTable {
    var values = TensorTable()
    if let name = task.network.embeddingWeight, let embedding = task.embedding {
      values[name] = embedding
    }
    return values
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    let recipe = task.settings.recipe
    do {
      var network = task.network.withSteps(task.training.usedSteps[variant.bucket])
      // Without lengths there are no masks to compute with.
      if task.training.isFull(bucket: variant.bucket) { network = network.withoutLengths }
      let names = [SequenceExamples.sequence, SequenceExamples.lengths]
      let inputs = try names.prefix(network.inputs.count).map { (name) throws(TrainingError) in
        try step.input(name)
      }
      let built = try network.build(on: inputs, mode: .training)
      let frozen = recipe.freezesEmbedding == true ? task.network.embeddingWeight : nil
      let parameters = built.parameters.filter { $0.variableName != frozen }
      try step.classify(built, .exclusive(labelSmoothing: recipe.labelSmoothing)) {
        loss throws(TrainingError) in
        try step.minimize(
          loss, parameters, with: recipe.optimizer, learningRate: recipe.learningRate)
      }
    } catch { throw TrainingError(wrapping: error) }
  }

  func draw(_ snapshot: Snapshot, in folder: RunFolder) throws(TrainingError) {
    guard task.profilesGradients else { return }
    let profiler = try snapshot.tool { () throws(TrainingError) in
      try GradientProfiler(task, snapshot)
    }
    try folder.write(try profiler.profile(), epoch: snapshot.epoch)
  }

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    try task.measure(snapshot)
  }
}

extension Network {
  /// The name of the weights of the network's embedding; nil where it has none.
  fileprivate var embeddingWeight: String? {
    layers.first { $0.layer is Embedding }.map { "\($0.name).weight" }
  }
}

extension Node {
  /// The name of the variable that the node is; nil of others.
  var variableName: String? {
    guard case .variable(let variable) = graph.vertices[id.vertex].kind else { return nil }
    return variable.name
  }
}
