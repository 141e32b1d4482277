import Datasets
import Engine
import Graphs
import ModelFiles
import Networks
import Tensors
import Training

/// The phase in which a new head learns alone, on features that are computed once.
struct HeadPhase: Phase {
  let task: ClassifierTask
  let fineTuning: FineTuning

  static let id = "head"
  /// Some hundred steps are enough for one layer.
  private static let steps = 1_000

  private var recipe: Recipe { task.settings.recipe }
  private var network: Network { task.network }

  /// Images in a batch of features.
  private var batchSize: Int { min(recipe.batchSize, task.images.training.count) }

  /// Batches of varied images whose features are computed beside those of the images as they are.
  private var variedBatches: Int {
    (fineTuning.augmentedViews - 1) * max(1, task.images.training.count / batchSize)
  }

  var plan: PhasePlan {
    let features = task.images.training.count + variedBatches * batchSize
    return PhasePlan(
      id: Self.id, epochs: 1, batchSize: min(100, features), stepsPerEpoch: Self.steps,
      schedule: LearningRateSchedule.cosine.schedule, selection: task.selection,
      isPreparation: true)
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    let (training, form) = (task.images.training, task.settings.input)
    let plain = Loader(
      ImageExamples(training, form: form), batchSize: batchSize)
    var parts = [(loader: plain, batches: plain.batchCount)]
    if variedBatches > 0 {
      let varied = Loader(
        task.trainingExamples(mixed: false), batchSize: batchSize,
        random: context.random.split("views").split("examples"))
      parts.append((varied, variedBatches))
    }
    var options = context.options
    options.precision = recipe.precision
    return try FeatureExamples(
      backbone: network.backbone, values: task.pretrainedWeights, loaders: parts,
      annotation: training.annotation, classCount: task.settings.classNames.count,
      batchSize: batchSize, options: options, context)
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let features = try step.input(FeatureExamples.features)
      let head = network.suffix(
        from: network.backbone.layers.count, input: features.shape.channelsLast)
      let built = try head.build(on: features, mode: .training)
      try step.classify(built, task.loss) { loss throws(TrainingError) in
        try step.minimize(
          loss, built.parameters,
          with: Optimizer(
            .adam(weightDecay: 0.01, decoupledWeightDecay: true), decaysBiasesAndNorms: false),
          learningRate: 0.003)
      }
      let own = Set(step.graph.variables.map(\.name))
      var others = TensorTable()
      for (name, value) in task.pretrainedWeights where !own.contains(name) { others[name] = value }
      step.freeze(others)
    } catch { throw TrainingError(wrapping: error) }
  }

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    try task.measure(snapshot)
  }
}

/// What a network's layers before its head make of images, computed once, with what is said of the images.
struct FeatureExamples: ExampleSource {
  static let features = "features"

  /// The features of one image: C × H × W or F.
  private let shape: Shape
  private let classCount: Int
  /// Image after image.
  private var values: [Float] = []
  /// Of which image each is.
  private var images: [Int] = []
  private let annotation: Annotation

  /// Computes features of batches of images.
  ///
  /// - Parameters:
  ///   - backbone: the layers before the head, as in inference.
  ///   - loaders: each with the number of batches to take from it.
  ///   - annotation: of the images that the loaders give.
  init(
    backbone: Network, values known: TensorTable, loaders: [(loader: Loader, batches: Int)],
    annotation: Annotation, classCount: Int, batchSize: Int, options: PlanOptions,
    _ context: PhaseContext
  ) throws(TrainingError) {
    self.classCount = classCount
    self.annotation = annotation
    let total = loaders.map(\.batches).reduce(0, +)
    var done = 0
    do {
      let variables = VariableStore()
      for (name, value) in known { variables[name] = value }
      let graph = Graph()
      let built = try backbone.build(on: graph, batch: batchSize, mode: .inference)
      let plan = try Plan(
        graph, outputs: [built.output], assignments: .none, variables: variables, options: options)
      shape = Shape(Array(built.output.shape.dimensions.dropFirst()))
      values.reserveCapacity(total * batchSize * shape.count)
      for (loader, batches) in loaders {
        for _ in 0..<batches {
          try context.interruption.check()
          let indices = try loader.next { batch in
            try plan.withInput(built.input) { _ = batch.write(ImageExamples.image, to: $0) }
            return batch.indices
          }
          try plan.run()
          try plan.withOutput(built.output) { values += $0.prefix(indices.count * shape.count) }
          images += indices
          done += 1
          context.progress("features for the new head", done, total)
        }
      }
    } catch { throw TrainingError(wrapping: error) }
  }

  var count: Int { images.count }

  func slots(bucket: Int) -> [ExampleSlot] {
    [ExampleSlot(Self.features, shape), ExampleSlot(ImageExamples.label, [classCount])]
  }

  func name(of index: Int) -> String { "features \(index)" }

  func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    _ = places.floats(Self.features).update(
      fromContentsOf: values[index * shape.count..<(index + 1) * shape.count])
    annotation.addTargets(of: images[index], to: places.floats(ImageExamples.label))
  }
}
