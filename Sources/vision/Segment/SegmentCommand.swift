import ArgumentParser
import Engine
import Files
import Filters
import Images
import ModelFiles
import Segmentation

/// `vision segment`: a class for each pixel.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "Gives each pixel of images a class.",
    usage: """
      vision segment [<options>] <input> ...
      vision segment train <images> <masks> --out <run>
      vision segment evaluate [<options>] <images> <masks>
      """,
    discussion: """
      Each image gets a mask of its size: a PNG with a palette, whose indices are the numbers that classes had \
      in the masks the model was trained on. By default photo.jpg is written to photo.mask.png; use -o to \
      choose another name. Large images are computed in windows that overlap.

      --overlay also writes the image with the classes' colors laid over it, to photo.overlay.jpg; in a pipe \
      it is written instead of the mask. --areas prints how much of each image belongs to which class.

      Examples:
        vision segment street.jpg --overlay
        vision segment photos/ -o masks/ --areas --csv > areas.csv
        vision segment cells/ --model run/best.safetensors
        vision segment - < photo.jpg > mask.png
      """,
    subcommands: [SegmentTrainCommand.self, SegmentEvaluateCommand.self])

  @OptionGroup var model: SegmenterOption

  @Flag(help: "Also write the image with the classes' colors laid over it.")
  var overlay = false

  @Flag(help: "Print how much of each image belongs to which class, rather than its mask's path.")
  var areas = false

  @Flag(help: "With --areas: print a JSON array.")
  var json = false

  @Flag(help: "With --areas: print CSV with a header.")
  var csv = false

  @OptionGroup(title: "Results") var results: NetworkResultOptions

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("--json or --csv: choose one") }
    guard areas || !(json || csv) else {
      throw ValidationError("--\(json ? "json" : "csv") is how --areas prints; give that, too")
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    try results.requireInputs()
    let writesToPipe =
      results.output == "-" || results.output == nil && results.inputs.contains("-")
    if writesToPipe, areas {
      throw RunError.usage("standard output has the mask; give -o a file for --areas")
    }
    if let output = results.output, output != "-",
      let format = try ImageFormat(writtenTo: FilePath(argument: output)), format != .png
    {
      throw RunError.usage("\(output): masks are PNGs; give -o a name that ends in .png")
    }
    let status = try computing.profiled { options in
      let segmenter = try model.segmenter(options)
      let front = SegmentFront(
        segmenter, overlay: !overlay ? nil : writesToPipe ? .instead : .beside,
        areas: !areas ? nil : json ? .json : csv ? .csv : .table, progress: TileProgress())
      let writing = Self.writing(masksOf: overlay && writesToPipe ? nil : segmenter)
      let status = try results.apply(
        front, FilterChain([]), models: [model.model], label: SegmentFront.label, format: .png,
        writing: writing, reading: reading.readOptions,
        threads: computing.threads ?? processorCount)
      if json { StandardStream.output.write(try encodeJSON(front.measured) + "\n") }
      return status
    }
    if status != .done { throw status }
  }
}

extension SegmentCommand: NetworkCommand {
  /// The mask, or the overlay where that is asked for.
  func work(_ options: PlanOptions, _ progress: TileProgress) throws -> NetworkWork {
    let segmenter = try model.segmenter(options)
    return NetworkWork(
      front: SegmentFront(
        segmenter, overlay: overlay ? .instead : nil, areas: nil, progress: progress),
      chain: FilterChain([]), format: .png,
      writing: Self.writing(masksOf: overlay ? nil : segmenter))
  }

  /// - Parameter segmenter: whose masks are written; nil for images.
  private static func writing(masksOf segmenter: Segmenter?) -> WriteOptions {
    var writing = WriteOptions(quality: NetworkResultOptions.quality)
    writing.software = Vision.software
    writing.palette = segmenter?.classes.palette
    return writing
  }
}

/// Which segmenter runs.
struct SegmenterOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Segmenter: a bundled model or a model file.", valueName: "name|file"),
    completion: .model)
  var model = "streets"

  func segmenter(_ options: PlanOptions) throws(RunError) -> Segmenter {
    do { return try Segmenter(path: ModelCatalog().path(for: model), options: options) } catch {
      throw .aborted(advised(error))
    }
  }
}
