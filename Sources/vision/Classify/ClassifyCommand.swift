import ArgumentParser
import Engine
import Images
import Inference
import ModelFiles

/// `vision classify`: what is in pictures.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Tells what is in pictures, and how probably.",
    usage: "vision classify [<options>] <input> ...",
    discussion: """
      Pictures of any size, grey or colour, with alpha or 16 bits, are brought to the
      form that the model takes. Results come in the order of the inputs; what cannot
      be read is named on standard error, and the rest goes on.

      Examples:
        vision classify photo.jpg
        vision classify 'photos/*/2024-*.jpg'
        vision classify photos/ --top 3
        vision classify photos/ --csv > labels.csv
        vision classify photos/ --sheet sheet.png
        vision classify digits/ --model digits --json
        vision classify inbox/ --model run/best.safetensors --threshold 0.8
        vision classify in/ --model net.onnx --preprocess imagenet --labels names.txt
      """)

  @Argument(
    help: ArgumentHelp(
      "Images, directories of images (searched to the bottom), patterns, or - for standard input.",
      valueName: "input"),
    completion: .file())
  var inputs: [String]

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "Show the k likeliest labels; all where the model has fewer.", valueName: "k"))
  var top = 1

  @Option(
    help: ArgumentHelp(
      "Give no label (–, in JSON null) to pictures whose best probability is below p, 0 to 1.",
      valueName: "p"))
  var threshold = 0.0

  @Flag(
    help: "Print a JSON array: objects of path, label, probability and top, a list of labels.")
  var json = false

  @Flag(help: "Print CSV with a header.")
  var csv = false

  @Option(
    help: ArgumentHelp(
      """
      Draw the pictures with their labels on one sheet, a PNG or JPEG; of more than \
      \(SheetMaker.mostPictures) pictures that many, evenly spread.
      """, valueName: "file"),
    completion: .file())
  var sheet: String?

  @OptionGroup(title: "Reading") var reading: ReadingOptions

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top \(top): expected 1 or more") }
    guard (0...1).contains(threshold) else {
      throw ValidationError("--threshold \(threshold): expected a probability, 0 to 1")
    }
    guard !(json && csv) else { throw ValidationError("--json or --csv: choose one") }
  }

  func run() throws { try model.computing.profiled(classify) }

  private func classify(_ options: PlanOptions) throws {
    let sheet = try sheet.map { path throws(RunError) in
      try PictureOutput(FilePath(argument: path), option: "--sheet", otherUse: "the labels")
    }
    let paths = inputs.map(FilePath.init(argument:))
    if paths.count > 8 || paths.contains(where: { FileStatus(of: $0)?.kind == .directory }) {
      WaitingThreads.sleepSoon()
    }
    let finder = InputFinder(paths)
    try finder.requireInputs()
    // A sheet of an earlier run is no picture to be classified.
    let oldSheet = sheet.flatMap { FileStatus(of: $0.path) }?.identity
    let pictures = finder.inputs.filter {
      oldSheet == nil || !$0.isFound || $0.identity != oldSheet
    }
    if let sheet {
      let named = finder.inputs.filter { !$0.isFound }.map(\.path)
      try RunInputs(named + self.model.files).requireNone(at: sheet.path, option: "--sheet")
    }
    let model = try model.classifier()
    let format: ClassifyFormat =
      json
      ? .json
      : csv
        ? .csv
        : .table(
          pathWidth: pictures.map(\.path.description.count).max() ?? 0,
          labelWidth: model.card.classNames.map(\.count).max() ?? 0)
    let run = ClassifyRun(
      pictures: pictures, top: min(top, model.card.classNames.count), threshold: threshold,
      format: format, reading: reading.readOptions)
    let status = try run.apply(
      model, options: options, failures: finder.failures, skipped: finder.foreignFormats,
      sheet: sheet)
    if status != .done { throw status }
  }
}
