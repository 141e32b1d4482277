import ArgumentParser
import Files
import Filters
import Images

/// `vision filter`: images through a chain of filters.
struct FilterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "Filters images: edges, blurs, kernels of your own.",
    usage: """
      vision filter <filters> [<options>] <input> ...
      vision filter --list
      vision filter learn --before <image> --after <image> [-o <kernel>]
      """,
    discussion: """
      Filters are applied from left to right; options such as --border or --stride apply to the filter \
      before them. By default in.png is written to in.sobel.png; use -o to choose another name. \
      'vision filter --list' shows each filter's kernel, normalization and range.

      --sobel, --prewitt and --scharr correlate with 1 0 -1: x and y are positive where the image gets \
      darker to the right or downwards, the opposite of OpenCV's sign; --scale -1 turns it around.

      Separate the rows of --kernel with ';'. Fractions such as 1/9 are allowed. @FILE reads the kernel \
      from a text file or from the JSON that 'vision filter learn' writes.

      Examples:
        vision filter --sobel photo.png
        vision filter --gaussian 1.4 --sobel --direction x photo.jpg -o edges.png
        vision filter --kernel "1 0 -1; 2 0 -2; 1 0 -1" --bias 128 photo.png
        vision filter --sharpen photos/ -o sharp/
        vision filter --box 9 - < photo.jpg > blurred.jpg
        vision filter --thumbnail 256 photos/ -o thumbnails/
        vision filter --gaussian 12 --region 410,300,180,60 car.jpg
      """,
    subcommands: [FilterLearnCommand.self])

  @Argument(
    help: ArgumentHelp(
      "Images, directories (searched with all below them) or - for standard input.",
      valueName: "input"),
    completion: .file())
  var inputs: [String] = []

  @OptionGroup(title: "Filters (applied in order)") var filters: FilterFlags

  @OptionGroup(title: "Filter options (apply to the preceding filter)") var modifiers: ModifierFlags

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

  @Flag(help: "Overwrite the input files with the results.")
  var inPlace = false

  @OptionGroup(title: "Output") var encoding: EncodingOptions

  @OptionGroup(title: "Existing files and links") var batch: BatchOptions

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  @Option(
    name: [.short, .long, .customLong("threads")],
    help: ArgumentHelp("Number of threads (default: one per core).", valueName: "n"))
  var jobs: Int?

  @Flag(help: "List all filters with kernel, normalization and value range, then exit.")
  var list = false

  @Flag(help: "With --list: as a Markdown table.")
  var markdown = false

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs \(jobs): give a number from 1 to 1024")
    }
  }

  /// Not called: the chain comes from ``ChainArguments``.
  func run() throws { try run([]) }

  /// Applies the filters to all inputs.
  ///
  /// - Parameter background: what is laid under transparent pixels in formats without alpha; nil for white.
  func run(_ steps: [ChainArguments.Step], background: String? = nil) throws {
    if list || markdown || (inputs.isEmpty && steps.isEmpty) {
      StandardStream.output.write(markdown ? CatalogListing.markdown : CatalogListing.plain)
      return
    }
    guard !inputs.isEmpty else {
      throw RunError.usage("no input: name images, directories, or - for standard input")
    }
    if inPlace, encoding.format != nil {
      throw RunError.usage("--in-place keeps the format; leave --format out or give -o")
    }
    let arguments = inputs.map(FilePath.init(argument:))
    let target = try OutputTarget(
      output: output.map(FilePath.init(argument:)), inPlace: inPlace, inputs: arguments,
      label: steps.map(\.filter.name).joined(separator: "-"))
    let format = try encoding.format ?? target.namedFormat()
    guard !steps.isEmpty || format != nil else {
      throw RunError.usage("no filter: name one, as in --sobel; --list shows them all")
    }
    let chain = FilterChain(try steps.map { try $0.filterStep(reading.readOptions) })
    do throws(FilterError) { try chain.check() } catch { throw RunError.usage("\(error)") }
    if case .standardOutput = target, chain.measures || chain.drawsHistograms {
      throw RunError.usage(
        "--measure and --histogram need the output in a file; standard output has the image")
    }
    var writing = encoding.writeOptions
    if let background { writing.background = try BackgroundColor(background: background) }
    // What is looked at in small needs no more.
    if chain.sufficientLongSide != nil, encoding.quality == nil { writing.quality = 85 }
    let run = FilterRun(
      chain: chain, target: target,
      format: format, writing: writing,
      reading: reading.readOptions, batch: batch,
      reads: RunInputs(steps.flatMap(\.files).map(FilePath.init(argument:))))
    let status = try run.apply(to: arguments, threads: jobs ?? processorCount)
    if status != .done { throw status }
  }
}

extension ChainArguments.Step {
  /// The files that it reads: of a kernel, an element and a mask.
  var files: [String] {
    [argument, modifiers["element"]].compactMap { $0 }.filter { $0.hasPrefix("@") }
      .map { String($0.dropFirst()) } + [mask].compactMap { $0 }
  }

  /// The step as it is applied; the files of `--kernel @file`, `--element @file` and `--mask` are read here.
  func filterStep(_ reading: ReadOptions) throws(RunError) -> FilterStep {
    var file: [UInt8]?
    if filter == .custom, let argument, argument.hasPrefix("@") {
      file = try contents(of: argument, option: filter.name)
    }
    var modifiers = modifiers
    if let element = modifiers["element"], element.hasPrefix("@") {
      let bytes = try contents(of: element, option: "element")
      guard let text = String(validating: bytes.withoutByteOrderMark, as: UTF8.self) else {
        throw .aborted("--element \(element): the file is no text; give rows as 0 1 0")
      }
      modifiers["element"] = text
    }
    var options = options
    if let mask { options.mask = try readMask(FilePath(argument: mask), reading) }
    do throws(FilterError) {
      if let file { return FilterStep(kernel: try Kernel(file: file), options) }
      return try FilterStep(filter, argument, options, modifiers: modifiers)
    } catch {
      throw .usage("--\(filter.name): \(error)")
    }
  }

  private func readMask(_ path: FilePath, _ reading: ReadOptions) throws(RunError) -> Image {
    do {
      return try Input(named: path).withReader(reading) { reader in
        try Image(reader, options: reading).asMask()
      }
    } catch {
      throw .aborted("--mask \(path): \(error)")
    }
  }

  /// The file that an argument names behind its `@`.
  private func contents(of argument: String, option: String) throws(RunError) -> [UInt8] {
    let path = FilePath(argument: String(argument.dropFirst()))
    do throws(ReadingError) { return try readFile(path) } catch {
      throw .aborted("--\(option) @\(error)")
    }
  }
}
