import ArgumentParser
import Restoration

/// `vision denoise train`: makes a denoiser from photographs.
struct DenoiseTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a denoiser on a folder of photographs.",
    discussion: """
      Images are searched recursively; every tenth is held out, the others are learned from in up to four \
      sizes. The network learns to remove noise of any level up to 75 of 255, and is told the level: white \
      noise, and, in a third of the parts, noise that grows with the light, is blurred, or was compressed with JPEG. After each epoch it is evaluated at a level of \
      25, and the best one is kept in RUN/best.safetensors. With --jpeg the parts are compressed instead, with \
      qualities from 5 to 95, and the network is told which one; it is evaluated at a quality of 10. Ctrl-C \
      saves a checkpoint; the same command resumes with bit-identical results. A finished run continues when \
      --epochs is raised.

      An autoencoder learns from whole images, resized to one size, with noise of up to half the range; data \
      is read as by 'vision train', and its classes are only used to say whether images with similar codes \
      are alike. RUN/reconstructions.png shows images with noise, what their codes make, and the images.

      A noise estimator learns what '--sigma auto' tells: the level of the noise in an image. It is evaluated by \
      the share of images whose level it tells within 15 %, or within 2 where it is small.

      Examples:
        vision denoise train photos/ --out run
        vision denoise train photos/ --out run --gray
        vision denoise train photos/ --out jpeg --jpeg --from run/best.safetensors
        vision denoise photo.jpg --model run/best.safetensors
        vision denoise train mnist/ --out codes-run --network autoencoder --code 64
        vision denoise mnist/ --codes codes.csv --model codes-run/best.safetensors
        vision denoise train photos/ --out levels --network noise-estimator
        vision denoise photo.jpg --estimator levels/best.safetensors
      """)

  @OptionGroup var training: RestorationTrainOptions

  @Flag(help: "For gray images only.")
  var gray = false

  @Flag(help: "Remove what JPEG's compression left instead of noise.")
  var jpeg = false

  @Option(
    help: ArgumentHelp(
      """
      denoiser, for photographs of any size; autoencoder, which describes small images of one size by a \
      code of few numbers, and makes them of it; or noise-estimator, which tells the level of noise.
      """,
      valueName: "name"))
  var network = DenoisingNetwork.denoiser

  @Option(help: ArgumentHelp("Numbers of an autoencoder's code.", valueName: "n"))
  var code: Int?

  func validate() throws {
    if let code, !(1...65_536).contains(code) {
      throw ValidationError("--code \(code): must be between 1 and 65536")
    }
    switch network {
    case .denoiser:
      if code != nil { throw ValidationError("--code requires --network autoencoder") }
    case .autoencoder, .noiseEstimator:
      if jpeg || training.from != nil || training.blocks != nil {
        throw ValidationError("--network \(network.rawValue) takes no --jpeg, --from or --blocks")
      }
      if network == .noiseEstimator, gray || code != nil {
        throw ValidationError("--network noise-estimator takes no --gray or --code")
      }
    }
  }

  func run() throws {
    switch network {
    case .denoiser:
      let colors = gray ? 1 : 3
      try training.run(
        jpeg ? .deblocking(colors: colors) : .denoising(colors: colors), channels: 64, blocks: 2,
        patch: 80
      ) { "vision denoise photo.jpg \(jpeg ? "--jpeg " : "")--model \($0)" }
    case .autoencoder:
      try training.runAutoencoder(code: code ?? 64, isGray: gray) {
        "vision denoise \(FilePath(argument: training.folder).shellText) --codes codes.csv --model \($0)"
      }
    case .noiseEstimator:
      try training.runNoiseEstimator { "vision denoise photo.jpg --estimator \($0)" }
    }
  }
}

/// Which network `denoise train` makes.
enum DenoisingNetwork: String, CaseIterable, ExpressibleByArgument {
  /// For photographs of any size.
  case denoiser
  /// For small images of one size, by a code.
  case autoencoder
  /// Says how much noise an image has.
  case noiseEstimator = "noise-estimator"
}
