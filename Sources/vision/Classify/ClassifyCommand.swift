import ArgumentParser
import Engine
import Files
import Images
import Inference
import ModelFiles

/// `vision classify`: what is in images.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Classifies images and prints probabilities.",
    usage: "vision classify [<options>] <input> ...",
    discussion: """
      Images of any size, color type and bit depth are converted to the model's input
      format. Results are printed in input order; unreadable files are reported on
      standard error and skipped.

      The answer is the most probable label. Where labels have groups (dog: golden
      retriever, poodle, …) and no label has at least 50 %, it is the most probable group,
      whose probability is the sum of its labels'. What does not reach the threshold, or
      looks like no photograph at all (the class "background"), is "unknown".

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
      "Image files, directories (searched recursively), glob patterns, or - for standard input.",
      valueName: "input"),
    completion: .file())
  var inputs: [String]

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "Output of an ONNX network to read (default: the first that is a classifier's).",
      valueName: "name"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      """
      Print the k most probable labels (default: 1; 3 of a model whose labels have groups; of a model \
      with independent labels, all that hold).
      """, valueName: "k"))
  var top: Int?

  @Option(
    help: ArgumentHelp(
      """
      Answer "unknown" where the probability is below p (default: what the model file says, else 0; of a \
      model with independent labels, 0.5). 0 always answers.
      """, valueName: "p"))
  var threshold: Double?

  @Flag(
    help: """
      Print a JSON array of objects with path, label, probability, answer, answer_probability and top (the \
      k best labels); of a model whose labels have groups, group and group_probability, too.
      """
  )
  var json = false

  @Flag(help: "Print CSV with a header.")
  var csv = false

  @Option(
    help: ArgumentHelp(
      """
      Write a contact sheet of the classified images (PNG or JPEG), at most \
      \(ContactSheetBuilder.maxImages), evenly sampled.
      """, valueName: "file"),
    completion: .file())
  var sheet: String?

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top \(top): expected 1 or more") }
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold \(threshold): expected a probability, 0 to 1")
    }
    guard !(json && csv) else { throw ValidationError("--json or --csv: choose one") }
  }

  func run() throws { try model.computing.profiled(classify) }

  private func classify(_ options: PlanOptions) throws {
    if let model = try model.sequenceClassifier() { return try classify(model, options) }
    let sheet = try sheet.map { path throws(RunError) in
      try ImageOutput(FilePath(argument: path), option: "--sheet", otherUse: "the labels")
    }
    let paths = inputs.map(FilePath.init(argument:))
    if paths.count > 8 || paths.contains(where: { FileStatus(of: $0)?.kind == .directory }) {
      OpenMP.limitSpinning()
    }
    let finder = InputFinder(paths)
    try finder.requireInputs()
    // A sheet of an earlier run is no image to be classified.
    let oldSheet = sheet.flatMap { FileStatus(of: $0.path) }?.identity
    let images = finder.inputs.filter {
      oldSheet == nil || !$0.isFound || $0.identity != oldSheet
    }
    if let sheet {
      let named = finder.inputs.filter { !$0.isFound }.map(\.path)
      try RunInputs(named + self.model.files).requireNone(at: sheet.path, option: "--sheet")
    }
    let model = try model.classifier(output: output)
    let threshold = threshold ?? model.usualThreshold
    let answers =
      model.classNames + (model.groups?.names ?? []) + (threshold > 0 ? [Answer.unknownName] : [])
    let format: ClassifyFormat =
      json
      ? .json
      : csv
        ? .csv
        : .table(
          pathWidth: images.map(\.path.description.columnWidth).max() ?? 0,
          answerWidth: answers.map { printable($0).columnWidth }.max() ?? 0)
    let run = ClassifyRun(
      images: images, top: top.map { min($0, model.classNames.count) },
      threshold: threshold,
      severalMayHold: model.severalMayHold,
      format: format, reading: reading.readOptions)
    let status = try run.apply(
      model, options: options, failures: finder.failures, skipped: finder.foreignFormats,
      sheet: sheet)
    if status != .done { throw status }
  }
}
