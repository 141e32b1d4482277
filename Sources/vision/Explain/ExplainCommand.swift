import ArgumentParser
import Datasets
import Engine
import Figures
import Images
import Inference

/// `vision explain`: how a classifier sees an image, a text, a series or a clip.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains a prediction: Grad-CAM, words, steps.",
    usage: """
      vision explain [<options>] <input> -o <dir>
      vision explain --filters [<options>] -o <dir>
      """,
    discussion: """
      Written to the directory:
        grad-cam.png     Grad-CAM heat map over the image (Selvaraju et al. 2017)
        predictions.png  heat maps of the three most probable classes
        filters.png      first-layer kernels
        feature-maps/    activations, one image per layer
        explanation.json the files of this run; those of an earlier one are removed

      Of a model for texts, series or clips: words.png, steps.png or frames.png, which show by \
      gradient × input what speaks for the class and what against it.

      Examples:
        vision explain cat.jpg -o cat-explained/
        vision explain cat.jpg --class dog -o cat-as-dog/
        vision explain cat.jpg --model run/best.safetensors --layer conv2 -o out/
        vision explain --filters --model digits -o kernels/
        vision explain review.txt --model run/best.safetensors -o why/
        vision explain test.ts --series 7 --model run/best.safetensors -o why/
      """)

  @Argument(
    help: ArgumentHelp(
      "An image or a text, or - for standard input; a file of series; a folder of frames.",
      valueName: "input"), completion: .file())
  var image: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Output directory, created if missing.", valueName: "dir"),
    completion: .directory)
  var output: String

  @OptionGroup var model: ModelOptions

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Class to explain (default: the predicted class).", valueName: "label"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "Target layer for Grad-CAM (default: the last layer with spatial output).",
      valueName: "layer"))
  var layer: String?

  @Flag(help: "Write only the first layer's kernels; no image needed.")
  var filters = false

  @Option(
    help: ArgumentHelp("Which series of a file, from 1. (default: 1)", valueName: "number"))
  var series: Int?

  @Flag(help: "Print a JSON object with predictions and files.")
  var json = false

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  func validate() throws {
    if filters {
      guard image == nil, label == nil, layer == nil else {
        throw ValidationError("--filters takes no image, --class or --layer")
      }
    } else if image == nil {
      throw ValidationError("missing image; pass one, or use --filters")
    }
  }

  func run() throws { try model.computing.profiled(explain) }

  private func explain(_ planOptions: PlanOptions) throws {
    if let model = try model.sequenceClassifier() { return try explain(model, planOptions) }
    let image = try image.map { try Self.image(FilePath(argument: $0)) }
    let model = try model.classifier()
    guard series == nil else { throw RunError.usage("--series is for models of series") }
    let index = try chosenClass(among: model.card.classNames)
    var explanation = try ExplanationWriter(
      model, folder: FilePath(argument: output), options: planOptions,
      inputs: RunInputs((image.map { [$0.path] } ?? []) + self.model.files))
    try report(on: image?.path.description ?? output) {
      if let image {
        let options = reading.readOptions
        let decoded = try image.withReader(options) { reader in
          let decoded = try Image(reader, options: options)
          for warning in reader.warnings { Console.warn("\(warning)", about: "\(image.path)") }
          return decoded
        }
        try explanation.write(image: decoded, chosen: index, layer: layer)
      } else {
        try explanation.writeKernels()
      }
      try explanation.finish()
      return explanation.report
    }
  }

  /// Prints what an explanation says.
  ///
  /// - Parameter input: what errors of images and examples are about.
  func report(on input: String, _ explain: () throws -> ExplanationReport) throws {
    let report: ExplanationReport
    do {
      report = try explain()
    } catch let error as ImageError {
      throw RunError.failed("\(input): \(error)")
    } catch let error as UnreadableExample {
      throw RunError.failed("\(input): \(error.reason)")
    } catch InferenceError.invalid(let problem) {
      throw RunError.usage(problem)
    } catch let error as InferenceError {
      throw RunError.aborted("\(model.model): \(error)")
    } catch let error as FigureError {
      throw RunError.aborted("\(output): \(error)")
    }
    StandardStream.output.write(json ? try encodeJSON(object: report) + "\n" : report.text)
  }

  /// The place of the class that is to be explained; nil for the likeliest.
  func chosenClass(among classNames: [String]) throws(RunError) -> Int? {
    guard let label else { return nil }
    guard let index = classNames.firstIndex(of: label) else {
      throw .usage("the model has no class \(label); it has \(classNames.joined(separator: ", "))")
    }
    return index
  }

  private static func image(_ path: FilePath) throws(RunError) -> Input {
    let directory = FileStatus(of: path)?.kind == .directory
    guard !directory, let image = InputFinder([path]).inputs.first else {
      throw .usage("\(path): is a directory; name one image")
    }
    return image
  }
}
