import ArgumentParser
import Datasets
import Engine
import Generation
import Inference
import ModelFiles
import Networks
import Training

/// `vision gan train`: makes a generator from images.
struct GANTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a generator on a folder of images.",
    discussion: """
      Images are searched recursively, center-cropped to a square and resized. Of 200 images and more, \
      every tenth is held out; after each epoch the generator is evaluated against them and the best \
      one is kept in RUN/best.safetensors. Ctrl-C saves a checkpoint; the same command resumes with \
      bit-identical results. A finished run continues when --epochs is raised.

      Recipes: "dcgan" follows Radford et al. 2015; "ema" adds an exponential moving average of \
      the generator's weights and random flips; "r1" also replaces batch norm in the \
      discriminator by an R1 gradient penalty; "spectral-norm" by spectral normalization. \
      Other options override parts of the recipe.

      Examples:
        vision gan train images/ --out run
        vision gan train images/ --out run --size 32 --epochs 50
        vision gan train images/ --out run --recipe dcgan
        vision gan sample --model run/best.safetensors
      """)

  @Argument(
    help: ArgumentHelp("The folder of images.", valueName: "folder"), completion: .directory)
  var folder: String

  @Option(help: ArgumentHelp("Image size: 32, 64 or 128.", valueName: "n"))
  var size = 64

  @Option(help: ArgumentHelp("Base number of channels (ngf, ndf).", valueName: "n"))
  var width = 64

  @Option(help: ArgumentHelp("Latent vector size.", valueName: "n"))
  var latent = 100

  @Option(help: ArgumentHelp("Training recipe.", valueName: "name"))
  var recipe = GANRecipeName.ema

  @Option(
    help: ArgumentHelp(
      "Number of epochs; more than before continue a finished run.", valueName: "n"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Batch size.", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("Adversarial loss.", valueName: "name"))
  var loss: GANLossName?

  @Option(
    help: ArgumentHelp(
      "Classifier whose features are used for evaluation, or none.",
      valueName: "name|file"),
    completion: .model)
  var features = "objects"

  @Option(
    help: ArgumentHelp("Number of generated images used for evaluation.", valueName: "n")
  )
  var evaluationSamples = 2000

  @OptionGroup var runOptions: TrainingRunOptions

  func validate() throws {
    for (name, value, range) in [
      ("size", size, 32...128), ("width", width, 1...1024), ("latent", latent, 1...65_536),
      ("epochs", epochs ?? 1, 1...100_000), ("batch", batch ?? 2, 2...65_536),
      ("quality-samples", evaluationSamples, 2...100_000),
    ] where !range.contains(value) {
      throw ValidationError(
        "--\(name) \(value): must be between \(range.lowerBound) and \(range.upperBound)")
    }
    guard [32, 64, 128].contains(size) else {
      throw ValidationError("--size \(size): must be 32, 64 or 128")
    }
  }

  func run() throws {
    try runOptions.run(train)
  }

  private func train(_ options: PlanOptions) throws -> ExitStatus {
    let card = try runOptions.cardOptions.modelCard(data: folder, seed: runOptions.seed)
    try RunFolder.validate(
      runOptions.out, outside: [folder],
      reading: [try? ModelCatalog().path(for: features), runOptions.cardOptions.card].compactMap {
        $0
      })
    let (images, warnings): (Dataset, [DatasetWarning])
    do throws(DatasetError) {
      (images, warnings) = try DatasetSplits.unlabeled(path: folder)
    } catch { throw RunError(error) }
    let console = TrainingConsole(GANTask.self)
    console.warn(warnings)
    try images.requireReadable(path: folder)
    let task = try GANTask(
      images: images, path: folder, size: size, width: width, latentSize: latent,
      recipe: recipeWithOverrides, features: featureModel(), evaluationSamples: evaluationSamples,
      card: card, options: options
    ) { console.warn($0) }
    console.say(
      "\(task.settings.trainingCount) training images, "
        + (task.heldOutCount > 0
          ? "\(task.heldOutCount) held out for evaluation" : "none held out for evaluation")
        + "; seed \(runOptions.seed)")
    return try console.run(
      task,
      settings: runOptions.settings(options),
      out: runOptions.out
    ) { "vision gan sample --model \($0)" }
  }

  private func featureModel() throws(RunError) -> Classifier? {
    guard features != "none" else { return nil }
    do { return try Classifier(path: ModelCatalog().path(for: features)) } catch {
      throw .aborted("--features \(features): \(error); use another classifier, or none")
    }
  }

  private var recipeWithOverrides: GANRecipe {
    var recipe = recipe.recipe
    if let epochs { recipe.epochs = epochs }
    if let batch { recipe.batchSize = batch }
    loss?.apply(to: &recipe)
    recipe.precision = runOptions.computing.precision ?? recipe.precision
    return recipe
  }
}

/// The recipes by name.
enum GANRecipeName: String, ExpressibleByArgument, CaseIterable {
  case ema, r1
  case spectralNorm = "spectral-norm"
  case dcgan

  /// The names of before are taken, too.
  init?(argument: String) {
    let earlier = ["averaged": "ema", "penalized": "r1", "spectral": "spectral-norm"]
    self.init(rawValue: earlier[argument] ?? argument)
  }

  var recipe: GANRecipe {
    switch self {
    case .ema: .ema
    case .r1: .r1
    case .spectralNorm: .spectralNorm
    case .dcgan: .dcgan
    }
  }
}

/// The losses by name.
enum GANLossName: String, ExpressibleByArgument, CaseIterable {
  case nonsaturating, minimax, hinge, wasserstein
  case penalizedWasserstein = "wasserstein-gp"

  /// Changes a recipe to this loss, with what it needs to work.
  func apply(to recipe: inout GANRecipe) {
    switch self {
    case .nonsaturating: recipe.loss = .nonSaturating
    case .minimax: recipe.loss = .minimax
    case .hinge: recipe.loss = .hinge
    case .wasserstein:
      recipe.loss = .wasserstein
      recipe.r1Gamma = 0
      recipe.weightClip = 0.01
    case .penalizedWasserstein:
      recipe.loss = .wasserstein
      recipe.normalization = .none
      recipe.r1Gamma = 0
      recipe.gradientPenaltyWeight = 10
    }
  }
}
