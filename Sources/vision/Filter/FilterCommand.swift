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
      Filters are applied in the order in which they stand on the command line. What changes a filter \
      stands behind it. The result of in.png is in.sobel.png unless -o says otherwise. \
      'vision filter --list' shows each filter's kernel, normalisation and range.

      The rows of --kernel are separated by ;, and 1/9 is a number; @FILE reads them from a file, as \
      text or as the JSON that 'vision filter learn' writes.

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

  @OptionGroup(title: "Filters, applied in their order") var filters: FilterFlags

  @OptionGroup(title: "What changes the filter before it") var modifiers: ModifierFlags

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

  @Flag(help: "Replace the inputs by the results.")
  var inPlace = false

  @OptionGroup(title: "Output") var encoding: EncodingOptions

  @OptionGroup(title: "Existing files and links") var batch: BatchOptions

  @OptionGroup(title: "Reading") var reading: ReadingOptions

  @Option(
    name: [.short, .long, .customLong("threads")],
    help: ArgumentHelp("Threads; without it, one for each core.", valueName: "n"))
  var jobs: Int?

  @Flag(help: "Show every filter with its kernel, normalisation and range, and end.")
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
      StandardStream.output.write(markdown ? CatalogueListing.markdown : CatalogueListing.plain)
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
      reading: reading.readOptions, batch: batch)
    let status = try run.apply(to: arguments, threads: jobs ?? processorCount)
    if status != .done { throw status }
  }
}

extension ChainArguments.Step {
  /// The step as it is applied; the kernel of `--kernel @file` and the file of `--mask` are read here.
  func filterStep(_ reading: ReadOptions) throws(RunError) -> FilterStep {
    var file: [UInt8]?
    if filter == .custom, let argument, argument.hasPrefix("@") {
      let path = FilePath(argument: String(argument.dropFirst()))
      do throws(ReadingError) { file = try readFile(path) } catch {
        throw .stopped("--\(filter.name) @\(error)")
      }
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
      throw .stopped("--mask \(path): \(error)")
    }
  }
}
