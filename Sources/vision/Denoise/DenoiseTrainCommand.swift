import ArgumentParser
import Restoration

/// `vision denoise train`: makes a denoiser from photographs.
struct DenoiseTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a denoiser on a folder of photographs.",
    discussion: """
      Images are searched recursively; every tenth is held out. The network learns to remove noise of any \
      level up to 75 of 255, and is told the level: white noise, and, in a third of the parts, noise that grows \
      with the light, is blurred, or was compressed with JPEG. After each epoch it is evaluated at a level of \
      25, and the best one is kept in RUN/best.safetensors. With --jpeg the parts are compressed instead, with \
      qualities from 5 to 95, and the network is told which one; it is evaluated at a quality of 10. Ctrl-C saves a checkpoint; the same command \
      resumes with bit-identical results. A finished run continues when --epochs is raised.

      Examples:
        vision denoise train photos/ --out run
        vision denoise train photos/ --out run --gray
        vision denoise train photos/ --out jpeg-run --jpeg --from run/best.safetensors
        vision denoise photo.jpg --model run/best.safetensors
      """)

  @OptionGroup var training: RestorationTrainOptions

  @Flag(help: "For gray images only.")
  var gray = false

  @Flag(help: "Remove what JPEG's compression left instead of noise.")
  var jpeg = false

  func run() throws {
    let colors = gray ? 1 : 3
    try training.run(
      jpeg ? .deblocking(colors: colors) : .denoising(colors: colors), channels: 64, blocks: 5,
      patch: 80
    ) { "vision denoise photo.jpg \(jpeg ? "--jpeg " : "")--model \($0)" }
  }
}
