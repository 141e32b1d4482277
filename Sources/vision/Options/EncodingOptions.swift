import ArgumentParser
import Images

/// How outputs are encoded.
struct EncodingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Output format: png, jpeg or webp (default: from the extension of -o, otherwise that of the input).",
      valueName: "format"))
  var format: ImageFormat?

  @Option(
    help: ArgumentHelp(
      """
      JPEG and WebP quality, 1 (smallest) to 100 (best), or keep: that of the input (default for JPEG \
      from JPEG, otherwise \(WriteOptions.standardQuality)).
      """, valueName: "quality"))
  var quality: QualityChoice?

  @Option(
    help: ArgumentHelp(
      "JPEG chroma subsampling (default: that of the input, otherwise 4:2:0).", valueName: "mode"))
  var subsampling: ChromaSubsampling?

  @Flag(help: "JPEG that shows a coarse image first.")
  var progressive = false

  @Flag(help: "WebP that keeps every pixel (default for lossless WebP input).")
  var lossless = false

  @Option(help: ArgumentHelp("PNG compression effort.", valueName: "effort"))
  var compression = WriteOptions().compression

  @Option(
    help: ArgumentHelp(
      """
      Leave metadata out: all (also for --strip alone) or some of \
      \(MetadataKind.allCases.map(\.rawValue).joined(separator: ", ")), separated by commas.
      """, valueName: "kinds"),
    completion: .list(["all"] + MetadataKind.allCases.map(\.rawValue)))
  var strip = StrippedKinds()

  func validate() throws {
    if case .number(let quality) = quality, !(1...100).contains(quality) {
      throw ValidationError("--quality \(quality): give a number from 1 to 100")
    }
  }

  /// What the writer is told; format and threads depend on the image.
  var writeOptions: WriteOptions {
    var options = WriteOptions(compression: compression, subsampling: subsampling)
    if case .number(let quality) = quality { options.quality = quality }
    options.progressive = progressive
    options.isLossless = lossless
    options.strip = strip.kinds
    options.software = Vision.software
    return options
  }
}

/// `keep`, or a number from 1 to 100.
enum QualityChoice: ExpressibleByArgument {
  case keep
  case number(Int)

  init?(argument: String) {
    if argument == "keep" {
      self = .keep
    } else if let number = Int(argument) {
      self = .number(number)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] { [] }
}

/// The kinds of metadata that `--strip` names.
struct StrippedKinds: ExpressibleByArgument {
  var kinds: Set<MetadataKind> = []

  init() {}

  init?(argument: String) {
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      if name == "all" {
        kinds = Set(MetadataKind.allCases)
      } else if let kind = MetadataKind(rawValue: String(name)) {
        kinds.insert(kind)
      } else {
        return nil
      }
    }
  }

  /// Nothing is left out unless told.
  var defaultValueDescription: String { "none" }
}

extension ImageFormat: ExpressibleByArgument {
  /// `jpg` is jpeg too. Only what can be written is meant.
  public init?(argument: String) {
    self.init(rawValue: argument == "jpg" ? "jpeg" : argument)
    guard isWritable else { return nil }
  }

  public static var allValueStrings: [String] { writable.map(\.rawValue) }
}

extension Compression: ExpressibleByArgument {}

extension ChromaSubsampling: ExpressibleByArgument {
  /// `420` is 4:2:0.
  public init?(argument: String) {
    let digits = argument.filter { $0 != ":" }
    guard let match = Self.allCases.first(where: { $0.rawValue.filter { $0 != ":" } == digits })
    else {
      return nil
    }
    self = match
  }
}

extension BackgroundColor {
  /// Reads what `--background` is given.
  init(background text: String) throws(RunError) {
    guard let color = BackgroundColor(text) else {
      throw .usage("--background \(text): give a name such as white or black, or #RRGGBB")
    }
    self = color
  }
}
