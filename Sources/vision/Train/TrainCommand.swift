import ArgumentParser
import Datasets
import Engine
import ModelFiles
import Synchronization
import Training

/// `vision train`: makes a classifier from labelled pictures.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a classifier on a folder of folders.",
    discussion: """
      DATA is a folder with one folder of pictures for each class, a folder of IDX files (MNIST and \
      its family, plain or gzip), or of CIFAR-10 or CIFAR-100 binary batches. Network, schedule and \
      augmentation are chosen by the data unless told.

      The run folder gets config.json, log.csv, log.json, curves.png, confusion.png, mistakes.png, \
      best.safetensors (the model) and last.checkpoint. Ctrl-C saves; the same command goes on, and \
      ends with the same bytes as if it had never stopped.

      Examples:
        vision train photos/ --out run
        vision train cifar10/train --out run --epochs 30 --precision bf16
        vision train mnist/ --out run --augment affine,elastic
        vision train photos/ --out run --model small-cnn --size 32 --optimizer adam
        vision train few-photos/ --out run --from backbone
        vision train few-photos/ --out run --from net.onnx --preprocess imagenet
      """)

  @Argument(
    help: ArgumentHelp("The labelled pictures.", valueName: "data"), completion: .directory)
  var data: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The run folder.", valueName: "folder"),
    completion: .directory)
  var out: String

  @Option(
    help: ArgumentHelp(
      """
      Begin from a trained model (see 'vision models'), a model file or an ONNX file, instead of \
      random values: it gets a new head for the classes, which is trained alone first; then all is \
      tuned in small steps.
      """, valueName: "name|file"), completion: .model)
  var from: String?

  @Option(
    help: ArgumentHelp(
      """
      Which layers of the model that it begins from stay as they are: none, backbone (all but the \
      new head), or the first n of the outermost.
      """, valueName: "none|backbone|n"))
  var freeze: Freeze?

  @OptionGroup(title: "ONNX files") var samples: SampleOptions

  @OptionGroup(title: "Recipe") var recipeOptions: RecipeOptions

  @Option(help: ArgumentHelp("Share of each class to validate by, 0 for none.", valueName: "share"))
  var validation: Double?

  @Option(
    help: ArgumentHelp("Pictures to validate by, sorted like DATA.", valueName: "folder"),
    completion: .directory)
  var validationData: String?

  @Option(help: "What first values, order, augmentation and dropout are drawn from.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "What the classes are called, in their order, where the data has only numbers for them.",
      valueName: "a,b,c"))
  var classNames: String?

  @OptionGroup(title: "Computing") var computing: ComputingOptions

  @OptionGroup(title: "Model card") var cardOptions: CardOptions

  @Option(help: "Numbers that the model file holds: fp32, fp16 or bf16.")
  var storedPrecision: StoredPrecision = .float32

  func validate() throws {
    if let validation, !(0..<1).contains(validation) {
      throw ValidationError("--validation \(validation): expected 0 up to 1")
    }
    if validation != nil, validationData != nil {
      throw ValidationError("give --validation or --validation-data, not both")
    }
    if from != nil, recipeOptions.model != nil {
      throw ValidationError("give --from or --model, not both")
    }
    if samples.areGiven, from == nil {
      throw ValidationError(
        "--preprocess, --mean and --std need --from: a new network takes the data's own")
    }
    if freeze != nil, from == nil {
      throw ValidationError("--freeze needs --from: there is nothing yet to keep as it is")
    }
  }

  func run() throws {
    WaitingThreads.sleepSoon()
    let end: TrainingEnd
    do throws(TrainingError) { end = try computing.profiled(train) } catch {
      throw RunError(error)
    }
    // So that `vision train … && …` does not go on with half a training.
    if case .interrupted = end { throw ExitStatus.stopped }
  }

  private func train(_ options: PlanOptions) throws(TrainingError) -> TrainingEnd {
    let card: ModelCard
    do throws(RunError) { card = try cardOptions.modelCard(data: data, seed: seed) } catch {
      throw .network(error.message)
    }
    try RunFolder.requireUsable(out, outside: [data, validationData].compactMap { $0 })
    let found = try TrainingPictures(
      path: data, validationPath: validationData,
      classNames: classNames?.split(separator: ",").map(String.init))
    Report.complain(found.warnings)
    let start = try from.map(startingPoint)
    let share = validation ?? 0.1
    var recipe =
      start.map { .transfer(to: found, validationShare: share, from: $0) }
      ?? Recipe.suited(to: found, validationShare: share)
    // A head alone has learnt all that it can before the first epoch.
    if freeze == .backbone { recipe.epochs = 0 }
    recipe = try recipeOptions.applied(to: recipe)
    recipe.precision = computing.precision ?? recipe.precision
    let view = TrainingView(total: found.training.count + (found.validation?.count ?? 0))
    let job = try ClassifierJob(
      found: found, path: data, validationPath: validationData,
      validationShare: share, recipe: recipe, start: start, freeze: freeze ?? .none,
      seed: seed, threads: options.threads,
      progress: { view.decoded($0) })
    Report.complain(job.pictures.damaged)
    view.describe(job)
    let folder = try RunFolder(path: out)
    Interrupt.install()
    let trainer = try job.trainer(
      folder: folder, card: card, storedPrecision: storedPrecision, profiler: options.profiler)
    let end = try trainer.train { view.show($0) }
    let evaluation =
      if case .interrupted = end {
        Evaluation?.none
      } else {
        try job.finish(folder: folder, profiler: options.profiler)
      }
    view.conclude(end, evaluation, best: trainer.best, folder: folder)
    return end
  }

  private func startingPoint(_ name: String) throws(TrainingError) -> StartingPoint {
    let path: String
    do throws(ModelFileError) { path = try ModelCatalog().path(for: name) } catch {
      throw .network("--from: \(error)")
    }
    return try StartingPoint(
      path: path, name: name,
      preprocessing: samples.overrides(size: recipeOptions.size))
  }
}

extension Freeze: ExpressibleByArgument {
  /// `none`, `backbone` or a number.
  public init?(argument: String) {
    switch argument {
    case "none": self = .none
    case "backbone": self = .backbone
    default:
      guard let count = Int(argument) else { return nil }
      self = .layers(count)
    }
  }
}
