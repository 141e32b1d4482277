import ArgumentParser
import Classification
import Datasets
import Engine
import Figures
import Files
import ModelFiles
import Training

/// `vision train`: makes a classifier from labeled images.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a classifier of images, texts, series or clips.",
    discussion: """
      DATA is a directory with one subdirectory of images per class, a directory of IDX files \
      (MNIST and relatives, plain or gzip), CIFAR-10 or CIFAR-100 binary batches, or a text file with \
      a line path,class for each image. With --multi-label it is a text file of lines path,cat;outdoor or \
      with a column of 0 and 1 for each label (path,cat,outdoor). Texts are files CLASS/NAME.txt or a table (CSV, TSV) with columns \
      text and class; series are .ts files or a table of numbers with a column class; clips are \
      folders of frames CLASS/CLIP/001.png, or animations CLASS/CLIP.gif. By default, \
      network, schedule and augmentation are chosen to suit the data. A test split (t10k-*, \
      test_batch.bin, a directory called test) is never looked at; 'vision evaluate' uses it.

      The run directory receives config.json, log.csv, log.json, curves.png, confusion.png, \
      mistakes.png, best.safetensors (the model) and last.checkpoint. Ctrl-C saves a checkpoint; run \
      the same command again to resume. A resumed run gives bit-identical results. A finished run \
      continues when --epochs is raised.

      Examples:
        vision train photos/ --out run
        vision train cifar10/train --out run --epochs 30 --precision bf16
        vision train mnist/ --out run --augment affine,elastic
        vision train photos/ --out run --model small-cnn --size 32 --optimizer adam
        vision train few-photos/ --out run --from things
        vision train few-photos/ --out run --from net.onnx --preprocess imagenet
        vision train tags.csv --multi-label --out run --from things
        vision train reviews/ --out run --model lstm
        vision train GunPoint_TRAIN.ts --out run
        vision train GunPoint_TRAIN.ts --as gaf --out run
        vision train clips/ --out run --model conv3d
      """)

  @Argument(
    help: ArgumentHelp("The labeled images.", valueName: "data"), completion: .directory)
  var data: String

  @Flag(
    help: """
      Labels are independent: of an image none, one or several may hold. Each gets a sigmoid, trained by binary \
      cross-entropy; the best epoch has the highest mean average precision (mAP).
      """)
  var multiLabel = false

  @Option(
    help: ArgumentHelp(
      """
      Fine-tune a pretrained model (bundled model, model file or ONNX file). For other \
      classes its head is replaced and trained first; then the whole network is fine-tuned with a small learning rate.
      """, valueName: "name|file"), completion: .model)
  var from: String?

  @Option(
    help: ArgumentHelp(
      """
      Layers of the pretrained model to freeze: none, backbone (everything but the head) or the \
      first n top-level layers (default: with fewer than 100 images per class those before the first reduction of \
      the maps, else none). Of texts: embedding.
      """, valueName: "none|backbone|embedding|n"))
  var freeze: Freeze?

  @OptionGroup(title: "Preprocessing (ONNX models)") var samples: NormalizationOptions

  @OptionGroup(title: "Training") var recipeOptions: RecipeOptions

  @OptionGroup(title: "Texts, series and clips") var sequences: SequenceOptions

  @Option(
    help: ArgumentHelp(
      """
      Train for about this time, such as 90s, 30m or 2h: chooses the number of epochs and, where few fit, \
      smaller images, by how long a step takes here.
      """, valueName: "time"))
  var budget: Duration?

  @Option(
    help: ArgumentHelp(
      """
      Fraction of each class held out for validation, 0 for none. (default: 0.1, where DATA has no \
      validation split of its own)
      """, valueName: "fraction"))
  var validation: Double?

  @Option(
    help: ArgumentHelp("Validation images, laid out like DATA.", valueName: "folder"),
    completion: .directory)
  var validationData: String?

  @Option(
    help: ArgumentHelp(
      "Class names in label order, for data with numeric labels only.",
      valueName: "a,b,c"))
  var classNames: String?

  @OptionGroup var runOptions: TrainingRunOptions

  @Option(
    help: ArgumentHelp(
      "Data type of the stored weights: fp32, fp16 or bf16.", valueName: "type"))
  var storedPrecision: StoredPrecision = .float32

  func validate() throws {
    if let validation, !(0..<1).contains(validation) {
      throw ValidationError("--validation \(validation): must be at least 0 and less than 1")
    }
    if validation != nil, validationData != nil {
      throw ValidationError("give --validation or --validation-data, not both")
    }
    if from != nil, recipeOptions.model != nil {
      throw ValidationError("give --from or --model, not both")
    }
    if samples.areGiven, from == nil {
      throw ValidationError(
        "--preprocess, --mean and --std require --from: a new network uses the statistics of the data"
      )
    }
    if budget != nil, recipeOptions.epochs != nil {
      throw ValidationError("give --budget or --epochs, not both")
    }
    if freeze != nil, freeze != .embedding, from == nil {
      throw ValidationError("--freeze requires --from")
    }
  }

  func run() throws {
    try runOptions.run(train)
  }

  private func train(_ options: PlanOptions) throws(TrainingError) -> ExitStatus {
    let started = MonotonicClock.seconds
    let card: ModelCard
    do throws(RunError) {
      card = try runOptions.cardOptions.modelCard(data: data, seed: runOptions.seed)
    } catch {
      throw .network(error.message)
    }
    try RunFolder.validate(
      runOptions.out, outside: [data, validationData].compactMap { $0 },
      reading: [from.flatMap { try? ModelCatalog().path(for: $0) }, runOptions.cardOptions.card]
        .compactMap {
          $0
        })
    if multiLabel, sequences.areGiven {
      throw .options("--multi-label is for images, not for texts, series or clips")
    }
    if !multiLabel, let status = try trainOnSequences(card, options) { return status }
    if freeze == .embedding {
      throw .options("--freeze embedding is for texts, not for images")
    }
    let found = try TrainingData(
      path: data, validationPath: validationData, requiresSplit: validation != nil,
      classNames: classNames?.split(separator: ",").map(String.init), isMultiLabel: multiLabel)
    let console = TrainingConsole(
      ClassifierTask.self, columns: ClassifierTask.columns(isMultiLabel: multiLabel))
    console.warn(found.warnings)
    let pretrained = try from.map(pretrainedModel)
    let fraction = validation ?? 0.1
    var recipe =
      pretrained.map { .fineTuning(of: $0, for: found, validationFraction: fraction) }
      ?? Recipe.default(for: found, validationFraction: fraction)
    // A head alone has learned all that it can before the first epoch.
    if freeze == .backbone { recipe.epochs = 0 }
    recipe = try recipeOptions.applied(to: recipe)
    recipe.precision = runOptions.computing.precision ?? recipe.precision
    let total = found.training.count + (found.validation?.count ?? 0)
    // A run that goes on keeps its own, also where some images were replaced. Another task's is refused later.
    let begun = try? RunFolder(existing: runOptions.out)?.begun(with: BegunInput.self)
    let statistics = begun.map { ($0.settings.input.mean, $0.settings.input.std) }
    func task(_ recipe: Recipe) throws(TrainingError) -> ClassifierTask {
      try ClassifierTask(
        data: found, validationFraction: fraction, recipe: recipe, pretrained: pretrained,
        freeze: freeze ?? .automatic, statistics: statistics, card: card,
        progress: { console.decoded($0, of: total) })
    }
    let settings = runOptions.settings(options, storedPrecision: storedPrecision)
    let task = try chosenTask(recipe, settings, since: started, make: task)
    console.warn(task.images.damaged)
    if let names = found.originalClassNames {
      let pairs = zip(names, task.settings.classNames).map { "\($0) = \($1)" }
      console.say("class names: \(pairs.joined(separator: ", "))")
    }
    if let warning = MissingLetters.warning(in: task.settings.classNames) { Console.warn(warning) }
    try describe(task, settings, console)
    return try console.run(
      task, settings: settings, out: runOptions.out
    ) { "vision classify --model \($0) IMAGES" }
  }

  /// What of a run's settings comes from its images.
  private struct BegunInput: Decodable {
    struct Input: Decodable {
      var mean: [Float]
      var std: [Float]
    }
    var input: Input
  }

  /// What of a run's settings a budget chose.
  private struct ChosenRecipe: Decodable {
    struct Recipe: Decodable {
      var imageSize: Int
    }
    var recipe: Recipe
  }

  /// The task with a recipe or, where there is a budget, with what of it fits the budget: as the run in the
  /// folder chose, or by how long a step takes here.
  private func chosenTask(
    _ recipe: Recipe, _ settings: TrainingSettings, since started: Double,
    make: (Recipe) throws(TrainingError) -> ClassifierTask
  ) throws(TrainingError) -> ClassifierTask {
    guard let budget else { return try make(recipe) }
    var chosen = recipe
    if let begun = try RunFolder(existing: runOptions.out)?.begun(with: ChosenRecipe.self) {
      (chosen.imageSize, chosen.epochs) = (begun.settings.recipe.imageSize, begun.epochs)
      return try make(chosen)
    }
    let task = try make(recipe)
    let secondsPerEpoch = try task.secondsPerEpoch(settings)
    let others = MonotonicClock.seconds - started + task.headEpochs * secondsPerEpoch
    chosen = recipe.fitted(
      to: max(Self.shareOfBudget * budget.seconds - others, 0), secondsPerEpoch: secondsPerEpoch,
      keepsSize: recipeOptions.size != nil || from != nil)
    return try make(chosen)
  }

  /// The rest is for what is written at the end, and for epochs that take longer than their steps.
  private static let shareOfBudget = 0.9
  /// Trainings that a table says to be shorter are not tried out to say how long they take.
  private static let worthMeasuring = 30.0

  private func firstLayers(_ count: Int) -> String {
    count == 0 ? "no layers" : count == 1 ? "the first layer" : "the first \(count) layers"
  }

  /// Says what is trained on what, and about how long.
  private func describe(
    _ task: ClassifierTask, _ settings: TrainingSettings, _ console: TrainingConsole
  ) throws(TrainingError) {
    let training = settings
    let (settings, recipe) = (task.settings, task.settings.recipe)
    let shown = zip(settings.classNames, settings.trainingCounts).prefix(12)
      .map { "\($0) (\($1))" }.joined(separator: ", ")
    let parameters = (try? task.network.summary().parameters) ?? 0
    let count = settings.classNames.count
    console.say(
      (multiLabel ? counted(count, "label") : "\(count) classes") + ": \(shown)"
        + (settings.classNames.count > 12 ? ", …" : ""))
    console.say(
      "\(task.images.training.count) training images, "
        + "\(task.images.validation?.count ?? 0) validation images")
    console.say(
      "\(recipe.model) with \(parameters) parameters, \(recipe.imageSize)×\(recipe.imageSize) pixels, "
        + "\(counted(recipe.epochs, "epoch")), batch size \(recipe.batchSize), "
        + "\(recipe.precision.rawValue), seed \(runOptions.seed)")
    if from == nil, budget != nil || recipeOptions.areDefault {
      console.say(
        (budget == nil ? "chosen for these images" : "chosen for the time given")
          + ": --network \(recipe.model) --size \(recipe.imageSize) --epochs \(recipe.epochs)")
    }
    if task.estimatedSeconds > Self.worthMeasuring,
      try RunFolder(existing: runOptions.out)?.begun(with: ChosenRecipe.self) == nil
    {
      let seconds = try task.secondsPerEpoch(training) * Double(recipe.epochs)
      console.say("will take about \(durationText(seconds: seconds)) here")
    }
    if let tuning = settings.fineTuning {
      console.say(
        "fine-tuning \(tuning.model), "
          + firstLayers(tuning.frozenLayers)
          + " frozen; "
          + (tuning.augmentedViews == 0
            ? "the classes are the same, so the head is kept"
            : "first training the new head on \(tuning.augmentedViews) augmented views of each image")
      )
    }
  }

  private func pretrainedModel(_ name: String) throws(TrainingError) -> PretrainedModel {
    let path: String
    do throws(ModelFileError) { path = try ModelCatalog().path(for: name) } catch {
      throw .network("--from: \(error)")
    }
    return try PretrainedModel(
      path: path, name: name,
      preprocessing: samples.overrides(size: recipeOptions.size))
  }
}
