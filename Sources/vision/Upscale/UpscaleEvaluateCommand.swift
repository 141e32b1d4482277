import ArgumentParser
import Datasets
import Files
import Images
import ModelFiles
import Restoration

/// `vision upscale evaluate`: how well an upscaler brings back images that were made small.
struct UpscaleEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures an upscaler on photographs made small.",
    usage: "vision upscale evaluate [<options>] <folder>",
    discussion: """
      Each image is made small by antialiased bicubic resampling and enlarged again. Prints the PSNR in dB of \
      BT.601's luma of range [16, 235], without as many pixels at each edge as the scale, beside that of \
      bicubic interpolation. An image NAME_HR with an image NAME_LR beside it is measured with that one. With --features \
      the distance of what a classifier sees in the result and in the photograph is printed, too: the smaller, \
      the more alike they look.

      Examples:
        vision upscale evaluate photos/
        vision upscale evaluate photos/ --jpeg 75
        vision upscale evaluate photos/ --model run/best.safetensors --json
      """)

  @Argument(
    help: ArgumentHelp("A folder of photographs.", valueName: "folder"), completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp("Upscaler: a bundled model or a model file.", valueName: "name|file"),
    completion: .model)
  var model = "upscale-x2"

  @Option(
    help: ArgumentHelp(
      "Compress the small images with this JPEG quality, 1 to 100, with 4:2:0.",
      valueName: "quality"))
  var jpeg: Int?

  @Flag(help: "With --jpeg: tell the network that the images are clean.")
  var claimClean = false

  @OptionGroup var featuresOption: FeaturesOption

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    if let jpeg, !(1...100).contains(jpeg) {
      throw ValidationError("--jpeg \(jpeg): must be between 1 and 100")
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    let images: Dataset
    var hasFailures: Bool
    (images, hasFailures) = try MeasuredImages.inFolder(folder)
    let evaluation = try computing.profiled { options in
      let upscaler: Upscaler
      do { upscaler = try Upscaler(path: ModelCatalog().path(for: model), options: options) } catch
      {
        throw RunError.aborted(advised(error))
      }
      var evaluation = UpscalingEvaluation(
        features: try featuresOption.features.map(FeaturesOption.distance))
      let known = Dictionary(
        images.names.enumerated().map { (Self.stem($1), $0) },
        uniquingKeysWith: { first, _ in first })
      for (index, path) in images.names.enumerated() {
        let stem = Self.stem(path)
        if stem.hasSuffix("_LR"), known[stem.dropLast(2) + "HR"] != nil { continue }
        do throws(ImageError) {
          let place = stem.hasSuffix("_HR") ? known[stem.dropLast(2) + "LR"] : nil
          var small: Image?
          if let place { small = try images.image(at: place) }
          try evaluation.add(
            path, images.image(at: index), small: small, jpeg: jpeg,
            told: claimClean ? nil : jpeg, by: upscaler,
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

  /// The path without its extension.
  private static func stem(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }

  private static func table(_ evaluation: UpscalingEvaluation) -> String {
    func text(_ value: Double) -> String { fixed(value, decimals: 2) }
    func row(_ name: String, _ bicubic: Double, _ psnr: Double, _ distance: Double?) -> [String] {
      [name, text(bicubic), text(psnr)] + (distance.map { [fixed($0, decimals: 4)] } ?? [])
    }
    let rows =
      evaluation.results.map { row(printable($0.name), $0.bicubic, $0.psnr, $0.distance) }
      + [row("mean", evaluation.bicubic, evaluation.psnr, evaluation.distance)]
    let header =
      ["IMAGE", "BICUBIC", "PSNR"] + (evaluation.distance == nil ? [] : ["DISTANCE"])
    return TextTable(
      header: header, rows: rows, alignments: [.left] + header.dropFirst().map { _ in .right }
    ).plain + "\n"
  }
}
