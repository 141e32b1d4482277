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
      the denoiser is told that one.

      Examples:
        vision denoise evaluate photos/ --model run/best.safetensors
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

  @OptionGroup var model: DenoiserOption

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    guard sigma > 0, Denoiser.sigmas.contains(sigma) else {
      throw ValidationError("--sigma \(plain(sigma)): must be above 0, at most 75")
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    let images: Dataset
    var hasFailures: Bool
    (images, hasFailures) = try MeasuredImages.inFolder(folder)
    let evaluation = try computing.profiled { options in
      let denoiser = try model.denoiser(options)
      var evaluation = DenoisingEvaluation(sigma: sigma)
      for (index, path) in images.names.enumerated() {
        do throws(ImageError) {
          try evaluation.add(
            path, images.image(at: index), estimates: auto, by: denoiser,
            threads: computing.threads ?? processorCount)
        } catch {
          Console.error("\(path): \(error)")
          hasFailures = true
        }
      }
      return evaluation
    }
    try MeasuredImages.require(!evaluation.results.isEmpty, in: folder)
    StandardStream.output.write(
      json ? try encodeJSON(object: evaluation) + "\n" : Self.table(evaluation))
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
}
