import ArgumentParser
import Datasets
import Engine
import Restoration
import Training

/// `vision upscale train`: makes an upscaler from photographs.
struct UpscaleTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains an upscaler on a folder of photographs.",
    discussion: """
      Images are searched recursively; every tenth is held out, the others are learned from in up to four \
      sizes. The network learns to undo antialiased bicubic reduction, of half of the parts also JPEG \
      compression of quality 40 to 95 (4:2:0), and is told how clean its input is. After each epoch it is evaluated on the images held out, and the best one is \
      kept in RUN/best.safetensors. Ctrl-C saves a checkpoint; the same command resumes with bit-identical \
      results. A finished run continues when --epochs is raised.

      With --sharp an upscaler goes on learning against a discriminator and by the features of a classifier \
      (SRGAN; things, unless --features names another): details look real rather than smooth, and are invented \
      in part.

      Examples:
        vision upscale train photos/ --out run
        vision upscale train photos/ --scale 4 --out run4 --from run/best.safetensors
        vision upscale photo.jpg --model run/best.safetensors
        vision upscale train photos/ --scale 4 --sharp --from upscale-x4 --out sharp
      """)

  @OptionGroup var training: RestorationTrainOptions

  @Option(help: ArgumentHelp("Enlarge by 2, 3 or 4.", valueName: "n"))
  var scale = 2

  @Flag(help: "Learn to make details that look real, from the upscaler of --from.")
  var sharp = false

  @OptionGroup var featuresOption: FeaturesOption

  func validate() throws {
    guard (2...4).contains(scale) else {
      throw ValidationError("--scale \(scale): must be 2, 3 or 4")
    }
    if sharp, training.from == nil {
      throw ValidationError("--sharp begins with an upscaler: name one with --from")
    }
    if featuresOption.features != nil, !sharp {
      throw ValidationError("--features requires --sharp")
    }
  }

  func run() throws {
    let use = { (model: String) in "vision upscale photo.jpg --model \(model)" }
    if sharp {
      try training.run(
        .upscaling(scale: scale), channels: 48, blocks: 6, patch: 24, batch: 8,
        learningRate: 2e-4, features: featuresOption.features ?? "things", use: use)
    } else {
      try training.run(.upscaling(scale: scale), channels: 48, blocks: 6, patch: 32, use: use)
    }
  }
}
