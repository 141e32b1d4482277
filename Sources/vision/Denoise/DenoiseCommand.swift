import ArgumentParser
import Engine
import Files
import Filters
import Images
import Restoration

/// `vision denoise`: images without their noise.
struct DenoiseCommand: NetworkCommand {
  static let configuration = CommandConfiguration(
    commandName: "denoise",
    abstract: "Removes noise from photographs with a network.",
    usage: """
      vision denoise [<options>] <input> ...
      vision denoise train <folder> --out <run>
      vision denoise evaluate [<options>] <folder>
      """,
    discussion: """
      The level of the noise is estimated, image by image; an image that is found clean is written as it is. \
      With --jpeg what JPEG's compression left is removed instead, as much as the file's quantization tables \
      tell. \
      Images of any size are computed in tiles, without seams. Alpha, color profile, EXIF data, resolution and \
      16 bits are kept, and EXIF's orientation is applied. By default photo.jpg is written to \
      photo.denoised.jpg; use -o to choose another name.

      Examples:
        vision denoise photo.jpg
        vision denoise photos/ -o clean/ --sigma 15
        vision denoise blocky.jpg --jpeg
        vision denoise photo.jpg --model run/best.safetensors
      """,
    subcommands: [DenoiseTrainCommand.self, DenoiseEvaluateCommand.self])

  @Option(
    help: ArgumentHelp(
      "Standard deviation of the noise in levels of 255: auto, or 0 to 75.", valueName: "level"))
  var sigma = SigmaChoice.auto

  @Option(
    help: ArgumentHelp(
      "How much of the noise to remove, 0 (nothing) to 1 (all).", valueName: "fraction"))
  var strength = 1.0

  @Flag(help: "Remove what JPEG's compression left, not noise.")
  var jpeg = false

  @Option(
    help: ArgumentHelp(
      """
      With --jpeg: the quality that images were compressed with, 1 to 100 (default: from the file's \
      quantization tables).
      """,
      valueName: "quality"))
  var jpegQuality: Int?

  @Option(
    help: ArgumentHelp(
      "Write the codes that an autoencoder makes of the images to a file (CSV, JSON) instead.",
      valueName: "file"), completion: .file())
  var codes: String?

  @OptionGroup var model: DenoiserOption

  @OptionGroup(title: "Results") var results: NetworkResultOptions

  @OptionGroup(title: "Output") var encoding: EncodingOptions

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    if case .level(let sigma) = sigma, !Flaw.sigmas.contains(sigma) {
      throw ValidationError("--sigma \(plain(sigma)): must be auto, or between 0 and 75")
    }
    guard (0...1).contains(strength) else {
      throw ValidationError("--strength \(plain(strength)): must be between 0 and 1")
    }
    if let jpegQuality {
      guard jpeg else { throw ValidationError("--jpeg-quality requires --jpeg") }
      guard Flaw.qualities.contains(jpegQuality) else {
        throw ValidationError("--jpeg-quality \(jpegQuality): must be between 1 and 100")
      }
    }
    if codes != nil, jpeg { throw ValidationError("--codes and --jpeg exclude each other") }
    if jpeg, case .level = sigma {
      throw ValidationError("--sigma and --jpeg exclude each other")
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    try results.requireInputs()
    let status = try computing.profiled { options in
      if let codes { return try writeCodes(to: codes, options) }
      let work = try work(options, TileProgress())
      return try results.apply(
        work.front, work.chain, models: [model.model, model.estimator], label: "denoised",
        encoding: encoding,
        reading: reading.readOptions, threads: computing.threads ?? processorCount)
    }
    if status != .done { throw status }
  }

  func work(_ options: PlanOptions, _ progress: TileProgress) throws -> NetworkWork {
    var exact = options
    exact.precision = .float32
    let choice: CleaningFront.Choice =
      switch sigma {
      case _ where jpeg: .compression(quality: jpegQuality)
      case .level(let sigma): .noise(sigma: sigma)
      case .auto: .estimatedNoise(try model.noiseEstimator(options))
      }
    let front = CleaningFront(
      choice, try model.cleaners(of: choice.kind, options),
      exact: try model.cleaners(of: choice.kind, exact), strength: strength, progress: progress)
    return NetworkWork(front: front, chain: FilterChain([]), encoding: encoding)
  }
}

/// What `--sigma` is given.
enum SigmaChoice: ExpressibleByArgument, Sendable, CustomStringConvertible {
  case auto
  case level(Double)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let level = Double(argument), level.isFinite {
      self = .level(level)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .auto: "auto"
    case .level(let level): plain(level)
    }
  }
}
