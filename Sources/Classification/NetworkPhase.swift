import Datasets
import Engine
import Glibc
import Graphs
import ModelFiles
import Networks
import Tensors
import Training

/// The phase in which the whole network learns, or what of it is not frozen.
struct NetworkPhase: Phase {
  let task: ClassifierTask

  static let id = "network"

  var plan: PhasePlan {
    let recipe = task.settings.recipe
    return PhasePlan(
      id: Self.id, epochs: recipe.epochs, batchSize: recipe.batchSize,
      schedule: recipe.schedule.schedule, precision: recipe.precision,
      ema: recipe.emaEpochs.map { EMA(halfLife: $0 * log(2) * Double(task.images.training.count)) },
      selection: task.selection, patience: recipe.patience)
  }

  func initialValues(_ context: PhaseContext) throws(TrainingError) -> TensorTable {
    var values = task.pretrainedWeights
    guard let first = task.network.layers.first, let layer = first.layer as? any AdaptedLayer,
      values.names.allSatisfy({ !$0.hasPrefix("\(first.name).") })
    else { return values }
    for (name, value) in layer.values(adaptedTo: task.sampleOfImages) {
      values["\(first.name).\(name)"] = value
    }
    return values
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    let (examples, images) = (task.trainingExamples(), task.images.training)
    return task.settings.recipe.balancesClasses && !images.isMultiLabel
      ? BalancedExamples(examples, labels: images.labels) : examples
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    let recipe = task.settings.recipe
    // Where the head is kept, training goes on as it was: head and kernels at their former rates.
    let isFineTuned = (task.settings.fineTuning?.augmentedViews ?? 0) > 0
    let pretrained = isFineTuned ? task.pretrainedWeights : TensorTable()
    do {
      let built = try task.network.build(
        on: step.input(ImageExamples.image),
        frozen: task.settings.fineTuning?.frozenLayers ?? 0)
      let biases = Set(
        built.layers.filter { $0.type == BatchNorm.typeName }.map { "\($0.path).bias" })
      try step.classify(built, task.loss) { loss throws(TrainingError) in
        try step.minimize(
          loss, built.parameters, with: recipe.optimizer, learningRate: recipe.learningRate,
          rateFactor: { name in
            if biases.contains(name) { return recipe.batchNormBiasLRFactor }
            // Kernels that were trained before take orthogonal steps in proportion to their own
            // lengths, which differ widely with how they were trained.
            guard recipe.optimizer.muon != nil, let value = pretrained[name],
              Muon.applies(to: value.shape)
            else { return 1 }
            return value.rmsRowNorm
          })
      }
    } catch { throw TrainingError(wrapping: error) }
  }

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    try task.measure(snapshot)
  }
}

extension ClassifierTask {
  /// The training images in random order, varied; mixed, too, where the recipe says so.
  func trainingExamples(mixed: Bool = true) -> ImageExamples {
    let (recipe, form) = (settings.recipe, settings.input)
    return ImageExamples(
      images.training, form: form, classCount: settings.classNames.count,
      crop: recipe.augmentation.contains(.crop) ? RandomResizedCrop() : nil,
      augmentations: recipe.augmentation.compactMap { $0.augmentation(for: form) },
      cutMix: mixed && recipe.augmentation.contains(.cutmix) ? CutMix() : nil)
  }

  /// Images at equal distances, as the network takes them: enough to adapt a first layer to, some 5,000
  /// of 32 × 32 × 3.
  fileprivate var sampleOfImages: Tensor {
    let (training, form) = (images.training, settings.input)
    let wanted = min(max(1, (1 << 24) / form.elementCount), training.count)
    let sample = training[(0..<wanted).map { $0 * training.count / wanted }]
    let loader = Loader(ImageExamples(sample, form: form), batchSize: sample.count)
    return Tensor([sample.count, form.channels, form.height, form.width]) { values in
      loader.next { _ = $0.write(ImageExamples.image, to: values) }
    }
  }
}

extension Network {
  /// Adds the network to a graph for training, its first layers as in inference.
  ///
  /// - Parameter frozen: how many of the outermost layers, from the first on, stay as they are.
  /// - Returns: the layers that are trained.
  fileprivate func build(on input: Node, frozen: Int) throws(NetworkError) -> BuiltNetwork {
    guard frozen > 0 else { return try build(on: input, mode: .training) }
    let kept = try prefix(frozen).build(on: input, mode: .inference)
    return try suffix(from: frozen, input: kept.output.shape.channelsLast)
      .build(on: kept.output, mode: .training)
  }
}

extension Tensor {
  /// The root mean square of its rows' lengths.
  fileprivate var rmsRowNorm: Float {
    (scalars.reduce(0) { $0 + $1 * $1 } / Float(max(shape[0], 1))).squareRoot()
  }
}
