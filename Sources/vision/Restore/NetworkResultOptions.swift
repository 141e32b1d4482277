import ArgumentParser
import Filters
import Images

/// What a command lets a network work on, and where it writes the results.
struct NetworkResultOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Images, directories (searched with all below them) or - for standard input.",
      valueName: "input"),
    completion: .file())
  var inputs: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      A file for one image, a directory for many (paths below the inputs are kept), or - for standard \
      output.
      """,
      valueName: "path"),
    completion: .file())
  var output: String?

  @Flag(help: "Replace files that do not say that vision wrote them, too.")
  var overwrite = false

  @Flag(help: "Leave inputs alone whose result exists already.")
  var skipExisting = false

  @Flag(help: "Give results the times of their inputs.")
  var preserveTimes = false

  /// The quality of JPEGs where none is asked for: that of the input would spoil what was gained.
  static let quality = 92

  /// - Throws: a usage error where nothing is given.
  func requireInputs() throws(RunError) {
    guard inputs.isEmpty else { return }
    throw .usage("no input: name images, directories, or - for standard input")
  }

  /// Lets the network work on all inputs, then the filters.
  ///
  /// - Parameters:
  ///   - models: bundled models and model files that are read.
  ///   - label: what stands in the names of results.
  func apply(
    _ front: some ImageFront, _ chain: FilterChain, models: [String?], label: String,
    encoding: EncodingOptions, reading: ReadOptions, threads: Int
  ) throws(RunError) -> ExitStatus {
    var writing = encoding.writeOptions
    if encoding.quality == nil { writing.quality = Self.quality }
    return try apply(
      front, chain, models: models, label: label, format: encoding.format, writing: writing,
      reading: reading, threads: threads)
  }

  /// Lets the network work on all inputs, then the filters.
  ///
  /// - Parameters:
  ///   - models: bundled models and model files that are read.
  ///   - format: of the results; nil for what -o says, or that of the input.
  func apply(
    _ front: some ImageFront, _ chain: FilterChain, models: [String?], label: String,
    format: ImageFormat?, writing: WriteOptions, reading: ReadOptions, threads: Int
  ) throws(RunError) -> ExitStatus {
    let arguments = inputs.map(FilePath.init(argument:))
    let target = try OutputTarget(
      output: output.map(FilePath.init(argument:)), inPlace: false, inputs: arguments,
      label: label)
    var batch = BatchOptions()
    batch.overwrite = overwrite
    batch.skipExisting = skipExisting
    batch.preserveTimes = preserveTimes
    batch.followLinks = false
    let named = try target.namedFormat()
    let run = FilterRun(
      front: front, chain: chain, target: target, format: format ?? named, writing: writing,
      reading: reading, batch: batch, reads: RunInputs(models: models))
    return try run.apply(to: arguments, threads: threads)
  }
}
