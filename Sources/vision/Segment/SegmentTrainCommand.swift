import ArgumentParser
import Datasets
import Engine
import Segmentation
import Training

/// `vision segment train`: makes a segmenter from images and masks.
struct SegmentTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a segmenter on images and masks.",
    usage: "vision segment train [<options>] <images> <masks> --out <run>",
    discussion: """
      Each image has a mask of the same name: a PNG with a palette, in gray or in colors. The palette's \
      index, the gray level or the color tells the class; --void names the one that belongs to none. Images \
      are searched recursively. Unless validation images are named, the last tenth is held out: neighbors in \
      a folder are often frames of one scene. The network learns from random crops at random scales, and is \
      evaluated on whole images after each epoch; the best one is kept in RUN/best.safetensors. Ctrl-C saves \
      a checkpoint; the same command resumes with bit-identical results. A finished run continues when \
      --epochs is raised.

      Networks: "unet-small" (1.9 million parameters), "unet-half" (the same at half the resolution: sees \
      twice as far, four times as fast) and "unet" (that of the paper, 31 million).

      Examples:
        vision segment train images/ masks/ --out run
        vision segment train images/ masks/ --out run --classes names.txt --void 255
        vision segment photo.jpg --model run/best.safetensors
      """)

  @OptionGroup var folders: MaskFolders

  @OptionGroup(title: "Masks") var maskOptions: MaskOptions

  @Option(
    help: ArgumentHelp("Images to evaluate on, with --validation-masks.", valueName: "images"),
    completion: .directory)
  var validationImages: String?

  @Option(help: ArgumentHelp("Their masks.", valueName: "masks"), completion: .directory)
  var validationMasks: String?

  @OptionGroup(title: "Recipe") var recipe: SegmentRecipeOptions

  @OptionGroup var runOptions: TrainingRunOptions

  func validate() throws {
    guard (validationImages == nil) == (validationMasks == nil) else {
      throw ValidationError("--validation-images and --validation-masks go together")
    }
  }

  func run() throws {
    try runOptions.run(train)
  }

  private func train(_ options: PlanOptions) throws -> ExitStatus {
    let card = try runOptions.cardOptions.modelCard(data: folders.images, seed: runOptions.seed)
    try RunFolder.validate(
      runOptions.out,
      outside: [folders.images, folders.masks]
        + [validationImages, validationMasks].compactMap { $0 })
    let console = TrainingConsole(SegmentationTask.self)
    let (pairs, validation, classes) = try data(console)
    let total = pairs.count + (validation?.count ?? 0)
    func settings(channels: Int) -> SegmentationSettings {
      recipe.settings(
        data: DataIdentity(path: folders.images, names: pairs.images + pairs.masks),
        validation: validation.map {
          DataIdentity(path: $0.imageFolder, names: $0.images + $0.masks)
        },
        classes: classes, channels: channels, precision: runOptions.computing.precision ?? .float32)
    }
    let task = try SegmentationTask(
      pairs, validation: validation, classes: classes, card: card, settings: settings,
      damaged: { console.warn($0) }, progress: { console.decoded($0, of: total) })
    console.say(
      "\(task.trainingCount) training images, "
        + (task.heldOutCount > 0
          ? "\(task.heldOutCount) for evaluation" : "none held out for evaluation")
        + "; \(classes.count) classes; seed \(runOptions.seed)")
    return try console.run(
      task,
      settings: runOptions.settings(options),
      out: runOptions.out
    ) { "vision segment photo.jpg --model \($0)" }
  }

  private func data(
    _ console: TrainingConsole
  ) throws(RunError) -> (MaskPairs, MaskPairs?, MaskClasses) {
    do throws(DatasetError) {
      let pairs = try folders.pairs()
      console.warn(pairs.warnings)
      var validation: MaskPairs?
      if let validationImages, let validationMasks {
        let pairs = try MaskPairs(images: validationImages, masks: validationMasks)
        console.warn(pairs.warnings)
        validation = pairs
      }
      let names = try maskOptions.classes.map { (path) throws(DatasetError) in
        try ClassNameFile(path: path)
      }
      return (pairs, validation, try pairs.classes(names: names, void: maskOptions.void?.value))
    } catch { throw RunError(error) }
  }
}
