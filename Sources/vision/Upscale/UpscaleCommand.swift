import ArgumentParser
import Engine
import Files
import Filters
import Images
import ModelFiles

/// `vision upscale`: larger images.
struct UpscaleCommand: NetworkCommand {
  static let configuration = CommandConfiguration(
    commandName: "upscale",
    abstract: "Enlarges photographs with a neural network.",
    usage: """
      vision upscale [<options>] <input> ...
      vision upscale train <folder> --out <run>
      vision upscale evaluate [<options>] <folder>
      """,
    discussion: """
      Images of any size are computed in tiles, without seams. Alpha, color profile, EXIF data and 16 bits \
      are kept, the resolution is scaled, and EXIF's orientation is applied. By default photo.jpg is written \
      to photo.x2.jpg; use -o to choose another name.

      The network is told how strongly a JPEG is compressed, and then removes the blocks rather than \
      sharpening them; --clean overrides what the file says.

      Examples:
        vision upscale photo.jpg
        vision upscale photo.jpg --scale 4 -o large.png
        vision upscale photos/ --size 3840x -o large/
        vision upscale - < small.png > large.png
      """,
    subcommands: [UpscaleTrainCommand.self, UpscaleEvaluateCommand.self])

  @Option(
    help: ArgumentHelp(
      "Enlarge by this factor, above 1 up to 8 (default: 2); what no model enlarges by is resized.",
      valueName: "factor"))
  var scale: Double?

  @Option(
    help: ArgumentHelp(
      "Enlarge to a size instead: W or Wx (width), xH (height) or WxH (a box that it fits into).",
      valueName: "size"))
  var size: String?

  @Option(
    help: ArgumentHelp(
      """
      How much JPEG compression to remove: 0 (none) to 3 (most; default: from the file's quantization \
      tables).
      """,
      valueName: "level"))
  var clean: Int?

  @Option(
    help: ArgumentHelp(
      "Upscaler: a bundled model or a model file (default: those that ship).",
      valueName: "name|file"), completion: .model)
  var model: String?

  @OptionGroup(title: "Results") var results: NetworkResultOptions

  @OptionGroup(title: "Output") var encoding: EncodingOptions

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    if let scale, !(scale > 1 && scale <= 8) {
      throw ValidationError("--scale \(scale): must be above 1, at most 8")
    }
    if scale != nil, size != nil {
      throw ValidationError("--scale and --size exclude each other")
    }
    if let clean, !(0...3).contains(clean) {
      throw ValidationError("--clean \(clean): must be between 0 and 3")
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    try results.requireInputs()
    let label = size == nil ? "x" + plain(scale ?? 2) : "large"
    let status = try computing.profiled { options in
      let work = try work(options, TileProgress())
      return try results.apply(
        work.front, work.chain, models: [model], label: label, encoding: encoding,
        reading: reading.readOptions, threads: computing.threads ?? processorCount)
    }
    if status != .done { throw status }
  }

  func work(_ options: PlanOptions, _ progress: TileProgress) throws -> NetworkWork {
    let ladder = try UpscalerLadder(model: model, options: options)
    let factor = scale ?? 2
    let front = UpscaleFront(
      ladder: ladder, target: size.map(UpscaleFront.Target.size) ?? .factor(factor), clean: clean,
      progress: progress)
    var chain = FilterChain([])
    if let size {
      chain = try Self.resizing(to: size, option: "--size \(size)")
    } else if let rest = ladder.remainder(after: factor) {
      chain = try Self.resizing(to: "\(100 * rest)%", option: "--scale \(factor)")
    }
    return NetworkWork(front: front, chain: chain, encoding: encoding)
  }

  private static func resizing(to size: String, option: String) throws(RunError) -> FilterChain {
    do throws(FilterError) {
      return FilterChain([
        try FilterStep(.resize, size, modifiers: ["interpolation": "cubic"])
      ])
    } catch { throw .usage("\(option): \(error)") }
  }
}
