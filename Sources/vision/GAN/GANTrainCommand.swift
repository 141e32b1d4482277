import ArgumentParser
import Datasets
import Engine
import Inference
import ModelFiles
import Networks
import Training

/// `vision gan train`: a generator of one's own.
struct GANTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a generator on a folder of pictures.",
    discussion: """
      Pictures of any size, shape and kind, at any depth of the folder: the largest centred square \
      of each is resized. Every tenth picture is held out, and each epoch's generator is measured \
      against them; the best one is kept in RUN/best.safetensors. Ctrl-C saves, and the same command \
      goes on where it stopped, to the same bytes.

      The recipe "dcgan" is the paper's (Radford et al. 2015). "averaged" keeps a moving average of \
      the generator's weights and mirrors the pictures; "penalized" also trades the discriminator's \
      batch normalisation for a gradient penalty, "spectral" for weights of spectral norm 1. \
      Options change single points of a recipe.

      Examples:
        vision gan train pictures/ --out run
        vision gan train pictures/ --out run --size 32 --epochs 50
        vision gan train pictures/ --out run --recipe dcgan
        vision gan sample --model run/best.safetensors
      """)

  @Argument(
    help: ArgumentHelp("The folder of pictures.", valueName: "folder"), completion: .directory)
  var folder: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder of the run.", valueName: "run"),
    completion: .directory)
  var out: String

  @Option(help: ArgumentHelp("The side of the pictures: 32, 64 or 128.", valueName: "n"))
  var size = 64

  @Option(help: ArgumentHelp("The channels of the widest maps before the picture.", valueName: "n"))
  var width = 64

  @Option(help: ArgumentHelp("How many numbers a picture is made of.", valueName: "n"))
  var latent = 100

  @Option(help: ArgumentHelp("How is trained.", valueName: "name"))
  var recipe = GANRecipeName.averaged

  @Option(help: ArgumentHelp("How often all pictures are seen.", valueName: "n"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Pictures in a step.", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("What both networks minimise.", valueName: "name"))
  var loss: GANLossName?

  @Option(
    help: ArgumentHelp(
      "A shipped classifier or model file on whose features quality is measured, or none.",
      valueName: "name|file"),
    completion: .model)
  var features = "objects"

  @Option(
    help: ArgumentHelp("Pictures of the generator that its quality is measured on.", valueName: "n")
  )
  var qualitySamples = 2000

  @Option(help: ArgumentHelp("What first values, latents and order follow from.", valueName: "n"))
  var seed: UInt64 = 1

  @OptionGroup(title: "Model card") var cardOptions: CardOptions

  @OptionGroup(title: "Computing") var computing: ComputingOptions

  func validate() throws {
    for (name, value, range) in [
      ("size", size, 32...128), ("width", width, 1...1024), ("latent", latent, 1...65_536),
      ("epochs", epochs ?? 1, 1...100_000), ("batch", batch ?? 2, 2...65_536),
      ("quality-samples", qualitySamples, 2...100_000),
    ] where !range.contains(value) {
      throw ValidationError(
        "--\(name) \(value): give a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    guard [32, 64, 128].contains(size) else {
      throw ValidationError("--size \(size): give 32, 64 or 128")
    }
  }

  func run() throws {
    WaitingThreads.sleepSoon()
    do { try computing.profiled(train) } catch let error as TrainingError {
      throw RunError(error)
    }
  }

  private func train(_ options: PlanOptions) throws {
    let card = try cardOptions.modelCard(data: folder, seed: seed)
    try RunFolder.requireUsable(out, outside: [folder])
    let (all, warnings): (Dataset, [DatasetWarning])
    do throws(DatasetError) { (all, warnings) = try DatasetParts.unlabelled(path: folder) } catch {
      throw RunError(error)
    }
    Report.complain(warnings)
    try all.requireReadable(path: folder)
    let model = try featureModel()
    let holdsOut = model != nil && all.count >= Self.fewestToHoldOut
    let parts = holdsOut ? all.holdingOut(every: 10) : (all, nil)
    StandardStream.error.write(
      "\(parts.0.count) pictures to learn from"
        + (parts.1.map { ", \($0.count) held out to measure quality" } ?? "") + "; seed \(seed)\n")

    let reference = try parts.1.flatMap { heldOut in
      try model.map { model in
        let (images, damaged) = heldOut.squares(size)
        Report.complain(damaged)
        return try GANReference(
          images,
          features: FeatureExtractor(
            model, options: PlanOptions(threads: options.threads, profiler: options.profiler)))
      }
    }
    let settings = GANSettings(
      path: folder, trainingCount: parts.0.count, holdOut: holdsOut ? 10 : nil, size: size,
      width: width, latent: latent, recipe: adjustedRecipe, featureModel: model?.card.name,
      qualitySamples: qualitySamples, seed: seed, threads: computing.threads)
    let run = try RunFolder(path: out)
    let trainer = try GANTrainer(
      settings: settings, pictures: parts.0, reference: reference, card: card, folder: run,
      profiler: options.profiler)
    Interrupt.install()
    let progress = GANProgress(epochs: settings.recipe.epochs)
    let end = try trainer.train(report: progress.show)
    progress.close(end, run: out)
    if case .interrupted = end { throw ExitStatus.stopped }
  }

  /// Fewer pictures than this are all learnt from.
  private static let fewestToHoldOut = 200

  private func featureModel() throws(RunError) -> Classifier? {
    guard features != "none" else { return nil }
    do { return try Classifier(path: ModelCatalog().path(for: features)) } catch {
      throw .stopped("--features \(features): \(error); give another classifier, or none")
    }
  }

  private var adjustedRecipe: GANRecipe {
    var recipe = recipe.recipe
    if let epochs { recipe.epochs = epochs }
    if let batch { recipe.batchSize = batch }
    loss?.change(&recipe)
    recipe.precision = computing.precision ?? recipe.precision
    return recipe
  }
}

/// The recipes by name.
enum GANRecipeName: String, ExpressibleByArgument, CaseIterable {
  case averaged, penalized, spectral, dcgan

  var recipe: GANRecipe {
    switch self {
    case .averaged: .averaged
    case .penalized: .penalized
    case .spectral: .spectral
    case .dcgan: .paper
    }
  }
}

/// The losses by name.
enum GANLossName: String, ExpressibleByArgument, CaseIterable {
  case nonsaturating, minimax, hinge, wasserstein
  case penalizedWasserstein = "wasserstein-gp"

  /// Changes a recipe to this loss, with what it needs to work.
  func change(_ recipe: inout GANRecipe) {
    switch self {
    case .nonsaturating: recipe.loss = .nonSaturating
    case .minimax: recipe.loss = .minimax
    case .hinge: recipe.loss = .hinge
    case .wasserstein:
      recipe.loss = .wasserstein
      recipe.realPenalty = 0
      recipe.weightLimit = 0.01
    case .penalizedWasserstein:
      recipe.loss = .wasserstein
      recipe.normalization = .none
      recipe.realPenalty = 0
      recipe.gradientPenalty = 10
    }
  }
}
