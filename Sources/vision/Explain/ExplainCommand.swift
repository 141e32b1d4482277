import ArgumentParser
import Engine
import Figures
import Images
import Inference

/// `vision explain`: how a classifier sees a picture.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows how a classifier sees a picture, by Grad-CAM.",
    usage: """
      vision explain [<options>] <image> -o <dir>
      vision explain --filters [<options>] -o <dir>
      """,
    discussion: """
      Written to the directory:
        grad-cam.png     the picture, warm where it speaks for the class (Grad-CAM,
                         Selvaraju et al. 2017)
        predictions.png  the same for the three likeliest classes, side by side
        filters.png      the kernels of the first layer
        feature-maps/    what each layer makes of the picture, one image a layer

      Examples:
        vision explain cat.jpg -o cat-explained/
        vision explain cat.jpg --class dog -o cat-as-dog/
        vision explain cat.jpg --model run/best.safetensors --layer conv2 -o out/
        vision explain --filters --model digits -o kernels/
      """)

  @Argument(
    help: ArgumentHelp("A picture, or - for standard input.", valueName: "image"),
    completion: .file())
  var image: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The directory to write to; made where it is missing.", valueName: "dir"),
    completion: .directory)
  var output: String

  @OptionGroup var model: ModelOptions

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "The class that grad-cam.png is about (default: the likeliest).", valueName: "label"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "The layer that Grad-CAM looks at (default: the last whose output is an image).",
      valueName: "layer"))
  var layer: String?

  @Flag(help: "Write the kernels of the first layer only; no picture is needed.")
  var filters = false

  @Flag(help: "Print a JSON object with predictions and files.")
  var json = false

  @OptionGroup(title: "Reading") var reading: ReadingOptions

  func validate() throws {
    if filters {
      guard image == nil, label == nil, layer == nil else {
        throw ValidationError("--filters shows the model alone: leave out image, --class, --layer")
      }
    } else if image == nil {
      throw ValidationError("no picture: name one, or give --filters")
    }
  }

  func run() throws { try model.computing.profiled(explain) }

  private func explain(_ planOptions: PlanOptions) throws {
    let picture = try image.map { try Self.picture(FilePath(argument: $0)) }
    let model = try model.classifier()
    var index: Int?
    if let label {
      index = model.card.classNames.firstIndex(of: label)
      guard index != nil else {
        throw RunError.usage(
          "the model has no class \(label); it has "
            + model.card.classNames.joined(separator: ", "))
      }
    }
    var explanation = try Explanation(
      model, folder: FilePath(argument: output), options: planOptions,
      inputs: RunInputs((picture.map { [$0.path] } ?? []) + self.model.files))
    do {
      if let picture {
        let options = reading.readOptions
        let image = try picture.withReader(options) { reader in
          let image = try Image(reader, options: options)
          for warning in reader.warnings { Report.complain("\(picture.path): warning: \(warning)") }
          return image
        }
        try explanation.write(picture: image, chosen: index, layer: layer)
      } else {
        try explanation.writeKernels()
      }
    } catch let error as ImageError {
      throw RunError.failed("\(picture?.path.description ?? output): \(error)")
    } catch InferenceError.invalid(let problem) {
      throw RunError.usage(problem)
    } catch let error as InferenceError {
      throw RunError.stopped("\(self.model.model): \(error)")
    } catch let error as FigureError {
      throw RunError.stopped("\(output): \(error)")
    }
    StandardStream.output.write(
      json ? try encodeJSON(object: explanation.report) + "\n" : explanation.report.text)
  }

  private static func picture(_ path: FilePath) throws(RunError) -> Input {
    let directory = FileStatus(of: path)?.kind == .directory
    guard !directory, let picture = InputFinder([path]).inputs.first else {
      throw .usage("\(path): is a directory; name one picture")
    }
    return picture
  }
}
