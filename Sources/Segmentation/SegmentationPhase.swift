import Datasets
import Engine
import Files
import Graphs
import Images
import Inference
import Networks
import Training

/// Random parts of images through the network, and the loss over their pixels.
struct SegmentationPhase: Phase {
  let task: SegmentationTask

  var plan: PhasePlan {
    let settings = task.settings
    let steps = settings.stepsPerEpoch ?? max(1, task.training.count / settings.batchSize)
    // The average reaches back a fiftieth of the training.
    let halfLife = max(Double(settings.epochs * steps * settings.batchSize) / 50, 1)
    return PhasePlan(
      id: SegmentationTask.id, epochs: settings.epochs, batchSize: settings.batchSize,
      stepsPerEpoch: settings.stepsPerEpoch,
      schedule: { .warmup(steps: min(200, $0 / 20), then: .cosine(steps: $0, floor: 0.005)) },
      precision: settings.precision, ema: EMA(halfLife: halfLife),
      selection: task.validation.map { _ in
        Selection((SegmentationTask.meanIoU, largest: true))
      }, recovery: .halvedRates)
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    let (settings, form) = (task.settings, task.form)
    let margin = settings.network.margin
    return ImagePairs(
      task.training.images, with: task.training.masks,
      as: .mask(classes: settings.classes.count, margin: margin), form: form,
      crop: RandomScaledCrop(
        scales: settings.smallestScale...settings.largestScale, margin: margin),
      augmentations: settings.augmentation.compactMap { $0.augmentation(for: form) },
      weights: settings.weighsBorders
        ? (task.training.borderWeights(BorderWeights()), BorderWeights()) : nil)
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let (input, mask) = (try step.input(ImageExamples.image), try step.input(ImagePairs.mask))
      let network = try task.network(width: task.form.width, height: task.form.height)
        .build(on: input, mode: .training)
      let loss = try PixelLoss(
        task.settings.objective, classWeights: task.classWeights)(
          network.output, mask,
          pixelWeights: task.settings.weighsBorders ? try step.input(ImagePairs.weight) : nil)
      try step.minimize(
        loss, network.parameters,
        with: Optimizer(
          .adam(weightDecay: task.settings.weightDecay, decoupledWeightDecay: true),
          clipping: .norm(5), decaysBiasesAndNorms: false),
        learningRate: task.settings.learningRate)
      step.report("loss", loss)
    } catch { throw TrainingError(wrapping: error) }
  }

  // MARK: - After an epoch

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    guard let validation = task.validation else { return Measures() }
    let (evaluation, damaged) = try validation.evaluated(
      by: task.segmenter(snapshot), snapshot.context)
    guard !evaluation.results.isEmpty else {
      return Measures(warnings: damaged.prefix(1).map(\.description))
    }
    return Measures(
      [
        SegmentationTask.meanIoU: evaluation.confusion.meanIoU,
        SegmentationTask.accuracy: evaluation.confusion.accuracy,
      ], details: evaluation)
  }
}

extension MaskedImages {
  /// How well a segmenter does on the images.
  func evaluated(
    by segmenter: Segmenter, _ context: PhaseContext
  ) throws(TrainingError) -> (SegmentationEvaluation, damaged: [DatasetWarning]) {
    var evaluation = SegmentationEvaluation(classes)
    let damaged = try evaluation.add(
      images.names, by: segmenter, threads: context.options.threads ?? processorCount
    ) { (index) throws(ImageError) in
      try pair(at: index)
    } progress: { (_) throws(TrainingError) in
      try context.interruption.check()
    }
    return (evaluation, damaged)
  }

  func pair(at index: Int) throws(ImageError) -> (image: Image, mask: Image) {
    (try images.image(at: index), try masks.image(at: index))
  }
}
