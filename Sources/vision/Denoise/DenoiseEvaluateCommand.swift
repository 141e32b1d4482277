import ArgumentParser
import Datasets
import Engine
import Files
import Images
import Restoration

/// `vision denoise evaluate`: how well a denoiser removes noise that was added.
struct DenoiseEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures a denoiser on images with added noise.",
    usage: "vision denoise evaluate [<options>] <folder>",
    discussion: """
      White Gaussian noise is added to each image, clipped to 0…255 and rounded, from a fixed seed. Prints the \
      PSNR in dB of the noisy image and of the denoised one, and the level that 'auto' estimates. With --auto \
      the denoiser is told that one. With --jpeg the images are compressed instead, with 4:2:0.

      Examples:
        vision denoise evaluate photos/
        vision denoise evaluate photos/ --jpeg 10
        vision denoise evaluate photos/ --sigma 15 --json --model run/best.safetensors
      """)

  @Argument(
    help: ArgumentHelp("A folder of clean images.", valueName: "folder"), completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Standard deviation of the added noise, above 0, at most 75.", valueName: "level"))
  var sigma = 25.0

  @Flag(help: "Tell the denoiser the estimated level.")
  var auto = false

  @Option(
    help: ArgumentHelp(
      "Compress the images with this JPEG quality, 1 to 100, instead of adding noise.",
      valueName: "quality"))
  var jpeg: Int?

  @Flag(help: "Make color images gray first.")
  var gray = false

  @OptionGroup var model: DenoiserOption

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    guard sigma > 0, Flaw.sigmas.contains(sigma) else {
      throw ValidationError("--sigma \(plain(sigma)): must be above 0, at most 75")
    }
    if let jpeg {
      guard Flaw.qualities.contains(jpeg) else {
        throw ValidationError("--jpeg \(jpeg): must be between 1 and 100")
      }
      if auto { throw ValidationError("--auto and --jpeg exclude each other") }
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    let (images, couldNotRead) = try MeasuredImages.inFolder(folder)
    var hasFailures = couldNotRead
    let threads = computing.threads ?? processorCount
    let text = try computing.profiled { options in
      let flaw = jpeg.map(Flaw.compression) ?? .noise(sigma: sigma)
      let cleaners = try model.cleaners(of: flaw.kind, options)
      let estimator = jpeg == nil ? try model.noiseEstimator(options) : nil
      var evaluation = CleaningEvaluation(of: flaw)
      for (index, path) in images.names.enumerated() {
        do throws(ImageError) {
          let image = try images.image(at: index)
          let colors = gray || cleaners.color == nil ? 1 : image.layout.colorChannels
          guard let cleaner = cleaners.cleaner(colors: colors) else {
            throw ImageError.invalidRequest("is of colors that no denoiser at hand takes")
          }
          try evaluation.add(
            path, image.flattened(channels: colors), estimator: estimator, tellsEstimate: auto,
            by: cleaner, threads: threads)
        } catch {
          Console.error("\(path): \(error)")
          hasFailures = true
        }
      }
      try MeasuredImages.require(!evaluation.results.isEmpty, in: folder)
      return json ? try encodeJSON(object: evaluation) + "\n" : Self.table(evaluation)
    }
    StandardStream.output.write(text)
    if hasFailures { throw ExitStatus.partialFailure }
  }

  private static func table(_ evaluation: CleaningEvaluation) -> String {
    func text(_ value: Double) -> String { fixed(value, decimals: 2) }
    let isNoise = evaluation.flaw.kind == .noise
    // Of noise the level that is estimated, too.
    func row(_ name: String, _ estimate: String, _ flawed: Double, _ psnr: Double) -> [String] {
      [name] + (isNoise ? [estimate] : []) + [text(flawed), text(psnr)]
    }
    let rows =
      evaluation.results.map {
        row(
          printable($0.name), $0.estimate.map { fixed($0, decimals: 1) } ?? "", $0.flawed, $0.psnr)
      } + [row("mean", "", evaluation.flawed, evaluation.psnr)]
    let header = isNoise ? ["IMAGE", "AUTO", "NOISY", "PSNR"] : ["IMAGE", "COMPRESSED", "PSNR"]
    return TextTable(
      header: header, rows: rows, alignments: [.left] + header.dropFirst().map { _ in .right }
    ).plain + "\n"
  }
}
