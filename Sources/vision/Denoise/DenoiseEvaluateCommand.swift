import ArgumentParser
import Datasets
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

  @Flag(help: "Measure in gray, by the denoiser for gray images.")
  var gray = false

  @OptionGroup var model: DenoiserOption

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    guard sigma > 0, Denoiser.sigmas.contains(sigma) else {
      throw ValidationError("--sigma \(plain(sigma)): must be above 0, at most 75")
    }
    if let jpeg {
      guard Deblocker.qualities.contains(jpeg) else {
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
      if let quality = jpeg {
        let deblocker = try model.deblockers(options).restorer(gray: gray)
        var evaluation = DeblockingEvaluation(quality: quality)
        for (index, path) in images.names.enumerated() {
          do throws(ImageError) {
            try evaluation.add(path, images.image(at: index), by: deblocker, threads: threads)
          } catch {
            Console.error("\(path): \(error)")
            hasFailures = true
          }
        }
        try MeasuredImages.require(!evaluation.results.isEmpty, in: folder)
        return json ? try encodeJSON(object: evaluation) + "\n" : Self.table(evaluation)
      }
      let denoiser = try model.denoisers(options).restorer(gray: gray)
      var evaluation = DenoisingEvaluation(sigma: sigma)
      for (index, path) in images.names.enumerated() {
        do throws(ImageError) {
          try evaluation.add(
            path, images.image(at: index), estimates: auto, by: denoiser, threads: threads)
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

  private static func table(_ evaluation: DenoisingEvaluation) -> String {
    func text(_ value: Double) -> String { fixed(value, decimals: 2) }
    let rows =
      evaluation.results.map {
        [printable($0.name), fixed($0.estimate, decimals: 1), text($0.noisy), text($0.psnr)]
      } + [["mean", "", text(evaluation.noisy), text(evaluation.psnr)]]
    return TextTable(
      header: ["IMAGE", "AUTO", "NOISY", "PSNR"], rows: rows,
      alignments: [.left, .right, .right, .right]
    ).plain + "\n"
  }

  private static func table(_ evaluation: DeblockingEvaluation) -> String {
    func text(_ value: Double) -> String { fixed(value, decimals: 2) }
    let rows =
      evaluation.results.map { [printable($0.name), text($0.compressed), text($0.psnr)] }
      + [["mean", text(evaluation.compressed), text(evaluation.psnr)]]
    return TextTable(
      header: ["IMAGE", "COMPRESSED", "PSNR"], rows: rows, alignments: [.left, .right, .right]
    ).plain + "\n"
  }
}

extension ByColors {
  /// The one to be measured: that for colors, unless told otherwise.
  fileprivate func restorer(gray: Bool) throws(RunError) -> Restorer {
    guard let restorer = gray ? self.gray : color ?? self.gray else {
      throw .aborted("--gray: no denoiser for gray images was found; name one with --model")
    }
    return restorer
  }
}
