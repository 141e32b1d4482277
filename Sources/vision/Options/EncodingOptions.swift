import ArgumentParser
import Images

/// How outputs are encoded.
struct EncodingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "png or jpeg; without it, what -o's ending says, or else the input's.", valueName: "format"))
  var format: ImageFormat?

  @Option(help: ArgumentHelp("JPEG: from 1 (small) to 100 (good).", valueName: "q"))
  var quality = WriteOptions().quality

  @Option(help: ArgumentHelp("JPEG: how much colour detail is kept.", valueName: "s"))
  var subsampling = WriteOptions().subsampling

  @Option(help: ArgumentHelp("PNG: how much work goes into a small file.", valueName: "c"))
  var compression = WriteOptions().compression

  func validate() throws {
    guard (1...100).contains(quality) else {
      throw ValidationError("--quality \(quality): give a number from 1 to 100")
    }
  }

  /// What the writer is told; format and threads depend on the image.
  var writeOptions: WriteOptions {
    WriteOptions(compression: compression, quality: quality, subsampling: subsampling)
  }
}

extension ImageFormat: ExpressibleByArgument {
  /// `jpg` is jpeg too.
  public init?(argument: String) { self.init(rawValue: argument == "jpg" ? "jpeg" : argument) }
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
