import Classification
import Datasets
import Generation
import Glibc
import Images
import ModelFiles
import Networks
import Restoration
import Segmentation
import Tensors
import TestSupport
import Training

/// A task of the suite, at its smallest size: a dozen steps at most.
struct TestedTask: Sendable, CustomStringConvertible {
  /// How the task is made.
  struct Options {
    var epochs = 2
    /// Multiplies all learning rates.
    var rateFactor: Float = 1
    /// Whether some examples cannot be read.
    var hasDamage = false
    /// Where files may be written that go with the test.
    var folder = ""
  }

  let description: String
  let id: String
  /// All steps of all epochs.
  let steps: Int
  let make: @Sendable (Options) throws -> any LearningTask

  static let all = [
    TestedTask(description: "line", id: LineTask.id, steps: 8) { options in
      LineTask(
        epochs: options.epochs, learningRate: 0.2 * options.rateFactor,
        unreadable: options.hasDamage ? [3, 20] : [])
    },
    TestedTask(description: "series", id: SeriesTask.id, steps: 18) { options in
      SeriesTask(
        epochs: options.epochs, learningRate: 0.05 * options.rateFactor,
        unreadable: options.hasDamage ? [3, 20] : [])
    },
    TestedTask(description: "classifier", id: ClassifierTask.id, steps: 8) {
      try classifier($0, pretrained: nil)
    },
    TestedTask(description: "fine-tuning", id: ClassifierTask.id, steps: 1_008) {
      try classifier($0, pretrained: Pretrained.model.get())
    },
    TestedTask(description: "sequences", id: SequenceTask.id, steps: 8) { try sequences($0) },
    TestedTask(description: "GAN", id: GANTask.id, steps: 6) { try gan($0) },
    TestedTask(description: "upscaler", id: RestorationTask.id, steps: 8) {
      try restorer(.upscaling(scale: 2), $0)
    },
    TestedTask(description: "denoiser", id: RestorationTask.id, steps: 8) {
      try restorer(.denoising(colors: 3), $0)
    },
    TestedTask(description: "segmenter", id: SegmentationTask.id, steps: 6) { try segmenter($0) },
    TestedTask(description: "deblocker", id: RestorationTask.id, steps: 8) {
      try restorer(.deblocking(colors: 1), $0)
    },
    TestedTask(description: "sharpened upscaler", id: RestorationTask.id, steps: 8) {
      try restorer(.upscaling(scale: 2), $0, features: Features.distance.get())
    },
    TestedTask(description: "noise estimator", id: NoiseEstimatorTask.id, steps: 8) {
      try noiseEstimator($0)
    },
    TestedTask(description: "autoencoder", id: AutoencoderTask.id, steps: 8) {
      try autoencoder($0)
    },
    TestedTask(description: "labels", id: ClassifierTask.id, steps: 8) { try labels($0) },
  ]

  /// Those whose every step can be stopped at in a test.
  static let short = all.filter { $0.steps < 100 }

  // MARK: - The tasks of the program

  private static let network = Network(input: [9, 9, 1]) {
    Conv2D(4, 3, padding: .same, bias: false)
    BatchNorm(activation: .relu)
    Dropout(0.1)
    MaxPool2D(3)
    Flatten()
    Dense(3)
  }

  private static func classifier(
    _ options: Options, pretrained: PretrainedModel?
  ) throws -> ClassifierTask {
    var training = Thirds.images(32, seed: 1)
    if options.hasDamage { training = try training.inFiles(options.folder, damaged: [3, 20]) }
    let validation = Thirds.images(12, seed: 2)
    let adapted = try pretrained?.network(classes: 3, imageSize: 9) ?? network
    let recipe = Recipe(
      model: "test", imageSize: 9, epochs: options.epochs, batchSize: 8,
      optimizer: Optimizer(.sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-4)),
      learningRate: 0.1 * options.rateFactor, labelSmoothing: 0.1, augmentation: [.shift],
      emaEpochs: 1)
    return ClassifierTask(
      settings: ClassifierSettings(
        classNames: training.classNames, trainingCounts: training.classCounts,
        validationCounts: validation.classCounts, recipe: recipe,
        fineTuning: try pretrained?.fineTuning(.none, images: 2_500, classes: 2, keepsHead: false),
        input: Thirds.form),
      network: adapted, images: TrainingSplit(training: training, validation: validation),
      pretrainedWeights: try pretrained?.weights(for: adapted, classNames: training.classNames)
        ?? TensorTable(), card: ModelCard(name: "test"))
  }

  /// Labels that hold each on its own, of images that are mixed.
  private static func labels(_ options: Options) throws -> ClassifierTask {
    var training = Thirds.labelSets(32, seed: 1)
    if options.hasDamage { training = try training.inFiles(options.folder, damaged: [3, 20]) }
    let validation = Thirds.labelSets(12, seed: 2)
    let recipe = Recipe(
      model: "test", imageSize: 9, epochs: options.epochs, batchSize: 8,
      optimizer: Optimizer(.sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-4)),
      learningRate: 0.1 * options.rateFactor, augmentation: [.cutmix], emaEpochs: 1,
      balancesClasses: true)
    return ClassifierTask(
      settings: ClassifierSettings(
        classNames: training.classNames, isMultiLabel: true,
        trainingCounts: training.classCounts, validationCounts: validation.classCounts,
        recipe: recipe, input: Thirds.form),
      network: try network.withClasses(3, activation: .sigmoid),
      images: TrainingSplit(training: training, validation: validation),
      card: ModelCard(name: "test"))
  }

  private enum Pretrained {
    static let model = Result {
      let run = try TemporaryRun()
      _ = try Trainer(
        classifier(Options(), pretrained: nil), settings: TrainingSettings(threads: 1),
        folder: run.folder
      ).train()
      return try PretrainedModel(path: run.folder.best, name: "base")
    }
  }

  /// Two buckets of series that rise or fall, learned by a recurrent network.
  private static func sequences(_ options: Options) throws -> SequenceTask {
    func series(_ count: Int, damaged: [Int] = []) -> LabeledExamples<FeatureSequence> {
      LabeledExamples(
        classNames: ["falls", "rises"], labels: (0..<count).map { $0 % 2 },
        names: (0..<count).map { "series \($0)" },
        elements: (0..<count).map { number in
          let slope = Float(number % 2) - 0.5 + Float(number % 5) / 50
          let steps = number % 4 < 2 ? 5 : 9
          return FeatureSequence(
            features: 1,
            values: damaged.contains(number)
              ? [.nan, 0, 0, 0, 0] : (0..<steps).map { slope * Float($0) })
        })
    }
    var recipe = SequenceRecipe(
      network: "test", epochs: options.epochs, batchSize: 8,
      optimizer: Optimizer(.adam(), clipping: .norm(1)), learningRate: 0.01 * options.rateFactor)
    recipe.emaEpochs = 1
    let training = series(32, damaged: options.hasDamage ? [3, 20] : [])
    let network = Network(inputs: [NetworkInput("sequence", [9, 1]), .lengths]) {
      GRU(4)
      Dropout(0.1)
      Dense(2)
    }
    return SequenceTask(
      settings: SequenceTask.Settings(
        classNames: training.classNames, trainingCounts: training.classCounts,
        validationCounts: [6, 6], recipe: recipe,
        input: .series(SeriesPreprocessing(mean: [0], std: [1]))),
      network: network,
      training: SequenceExamples(training, bucketSteps: [5, 9], areTokens: false, classCount: 2),
      validation: SequenceExamples(series(12), bucketSteps: [5, 9], areTokens: false),
      card: ModelCard(name: "test"))
  }

  private static func gan(_ options: Options) throws -> GANTask {
    var recipe = GANRecipe.r1
    recipe.batchSize = 8
    recipe.epochs = options.epochs
    recipe.r1Interval = 2
    recipe.generatorLearningRate *= options.rateFactor
    recipe.discriminatorLearningRate *= options.rateFactor
    var images = photographs(24, seed: 3)
    if options.hasDamage { images = try images.inFiles(options.folder, damaged: [3, 20]) }
    return try GANTask(
      settings: GANSettings(
        data: DataIdentity(path: "images", names: images.names), trainingCount: 24, size: 32,
        width: 4, latentSize: 8, recipe: recipe, evaluationSamples: 2),
      images: images, reference: nil, card: ModelCard(name: "test"))
  }
}

extension TestedTask {
  private static func segmenter(_ options: Options) throws -> SegmentationTask {
    func images(_ count: Int, channels: Int, seed: Int) -> Dataset {
      Dataset(
        classNames: [""], labels: Array(repeating: 0, count: count),
        names: (0..<count).map { "image \($0)" },
        source: .memory(
          (0..<count).map { index in
            Image(
              layout: PixelLayout(width: 40, height: 36, channels: channels),
              bytes: (0..<channels * 40 * 36).map {
                let value = UInt8(truncatingIfNeeded: $0 / 9 &* (index + seed))
                return channels == 1 ? value % 3 : value
              })
          }))
    }
    let classes = MaskClasses(
      kind: .index, names: ["a", "b", "c"], values: [0, 1, 2], colors: [1, 2, 3])
    func pairs(_ count: Int, seed: Int) -> MaskedImages {
      MaskedImages(
        images: images(count, channels: 3, seed: seed),
        masks: images(count, channels: 1, seed: seed), classes: classes, channels: 3)
    }
    var training = pairs(24, seed: 1)
    if options.hasDamage {
      training = MaskedImages(
        images: try training.images.inFiles(options.folder, damaged: [3, 20]),
        masks: training.masks, classes: classes, channels: 3)
    }
    return try SegmentationTask(
      settings: SegmentationSettings(
        data: DataIdentity(path: "images", names: training.images.names), network: .unetSmall,
        classes: classes, channels: 3, width: 32, height: 32, epochs: options.epochs,
        batchSize: 8, learningRate: 1e-3 * options.rateFactor),
      training: training, validation: pairs(2, seed: 40), card: ModelCard(name: "test"))
  }
}

extension Dataset {
  /// The images in files, of which some hold only a beginning.
  func inFiles(_ folder: String, damaged: Set<Int>) throws -> Dataset {
    let paths = try (0..<count).map { index in
      let path = "\(folder)/example \(index).png"
      try image(at: index).write(path: path)
      if damaged.contains(index) { truncate(path, 50) }
      return path
    }
    return Dataset(
      classNames: classNames, annotation: annotation, names: paths, source: .files(paths))
  }
}
