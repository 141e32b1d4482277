import ArgumentParser
import Files
import Filters
import Images
import Restoration

/// `vision denoise`: images without their noise.
struct DenoiseCommand: ParsableCommand {
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
      Images of any size are computed in tiles, without seams. Alpha, color profile, EXIF data, resolution and \
      16 bits are kept, and EXIF's orientation is applied. By default photo.jpg is written to \
      photo.denoised.jpg; use -o to choose another name.

      Examples:
        vision denoise train photos/ --out run
        vision denoise photo.jpg --model run/best.safetensors
        vision denoise photos/ -o clean/ --sigma 15 --model run/best.safetensors
      """,
    subcommands: [DenoiseTrainCommand.self, DenoiseEvaluateCommand.self])

  @Argument(
    help: ArgumentHelp(
      "Images, directories (searched with all below them) or - for standard input.",
      valueName: "input"),
    completion: .file())
  var inputs: [String] = []

  @Option(
    help: ArgumentHelp(
      "Standard deviation of the noise in levels of 255: auto, or 0 to 75.", valueName: "level"))
  var sigma = SigmaChoice.auto

  @Option(
    help: ArgumentHelp(
      "How much of the noise to remove, 0 (nothing) to 1 (all).", valueName: "fraction"))
  var strength = 1.0

  @OptionGroup var model: DenoiserOption

  @OptionGroup(title: "Results") var results: NetworkResultOptions

  @OptionGroup(title: "Output") var encoding: EncodingOptions

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    if case .level(let sigma) = sigma, !Denoiser.sigmas.contains(sigma) {
      throw ValidationError("--sigma \(plain(sigma)): must be auto, or between 0 and 75")
    }
    guard (0...1).contains(strength) else {
      throw ValidationError("--strength \(plain(strength)): must be between 0 and 1")
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    try results.requireInputs(inputs)
    let status = try computing.profiled { options in
      var exact = options
      exact.precision = .float32
      let front = DenoiseFront(
        try model.denoiser(options), exact: try model.denoiser(exact), sigma: sigma,
        strength: strength)
      return try results.apply(
        front, FilterChain([]), to: inputs, label: "denoised", encoding: encoding,
        reading: reading.readOptions, threads: computing.threads ?? processorCount)
    }
    if status != .done { throw status }
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
