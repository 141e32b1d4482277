import Files

/// How a file is written.
public struct WriteOptions: Sendable, Equatable {
  public var format: ImageFormat
  /// PNG: how much work goes into a small file.
  public var compression: Compression
  /// PNG: whether a palette or fewer bits a sample are used where that loses nothing and makes the file smaller; of
  /// images up to four megapixels.
  public var packsPixels = true
  /// PNG: red, green and blue of each entry of the palette that an 8-bit gray image's samples are indices of; nil for
  /// none.
  public var palette: [UInt8]?
  /// JPEG and WebP: 1…100; nil for that of ``source``, or 90.
  public var quality: Int?
  /// JPEG: how much color detail is kept; nil for that of ``source``, or a quarter.
  public var subsampling: ChromaSubsampling?
  /// JPEG: how the image was compressed that the pixels were made of. Nothing but its loss is kept.
  public var source: JPEGEncoding?
  /// JPEG: whether the file shows a coarse image first. Takes the memory of all coefficients.
  public var progressive = false
  /// WebP: whether every pixel is kept.
  public var isLossless = false
  /// What is laid under transparent pixels where the format has no alpha.
  public var background = BackgroundColor.white
  /// The kinds of metadata that are left out.
  public var strip: Set<MetadataKind> = []
  /// The name and version of the program, which are written as the text `Software`; nil writes none.
  public var software: String?
  /// PNG: threads that compress. The file's bytes do not depend on it.
  public var threads: Int
  /// Looked at while the file is encoded, whose writing ends with an error once nobody waits for it.
  public var cancellation: Cancellation?

  /// The quality where nothing else says one.
  public static let standardQuality = 90

  public init(
    format: ImageFormat = .png, compression: Compression = .balanced, quality: Int? = nil,
    subsampling: ChromaSubsampling? = nil, threads: Int = 1
  ) {
    self.format = format
    self.compression = compression
    self.quality = quality
    self.subsampling = subsampling
    self.threads = threads
  }
}

extension WriteOptions {
  /// Takes over from the file that the pixels come from what is not said otherwise: how a JPEG was compressed, whether a
  /// WebP kept every pixel.
  package mutating func keep(_ reader: ImageReader) {
    source = reader.encoding
    if reader.info.format == .webp, reader.info.isLossless, quality == nil { isLossless = true }
  }
}

/// Encodes an image file by rows.
///
/// PNG takes 8- and 16-bit samples with 1…4 channels. JPEG and WebP hold 8 bits, JPEG no alpha: 16-bit samples are
/// rounded to 8, and what is transparent is laid over the background. What of the metadata is written says
/// ``MetadataPolicy``.
public final class ImageWriter: RowSink {
  private let encoder: any RowSink
  /// What of the metadata was left out.
  public let warnings: [String]

  /// Writes the header to `sink`.
  public init(
    to sink: any ByteSink, layout: PixelLayout, metadata: Metadata = Metadata(),
    options: WriteOptions = WriteOptions()
  ) throws(ImageError) {
    try layout.check()
    let policy = MetadataPolicy(
      format: options.format, layout: layout, strip: options.strip, software: options.software)
    let (metadata, warnings) = policy.apply(to: metadata)
    self.warnings = warnings
    switch options.format {
    case .png where options.palette != nil:
      encoder = try PNGWriter(
        to: sink, layout: layout, metadata: metadata, options: options,
        palette: options.palette ?? [])
    case .png:
      encoder =
        PackingPNGWriter.canTake(layout, options)
        ? PackingPNGWriter(to: sink, layout: layout, metadata: metadata, options: options)
        : try PNGWriter(to: sink, layout: layout, metadata: metadata, options: options)
    case .jpeg:
      encoder = try JPEGWriter(to: sink, layout: layout, metadata: metadata, settings: options)
    case .webp:
      encoder = try WebPWriter(
        to: sink, layout: layout, metadata: metadata,
        quality: options.quality ?? WriteOptions.standardQuality, isLossless: options.isLossless,
        cancellation: options.cancellation)
    case .gif, .bmp, .tiff:
      throw .unsupported("\(options.format.displayName) is read, but not written; write a PNG")
    }
  }

  public func write(_ count: Int, from rows: UnsafeRawPointer) throws(ImageError) {
    try encoder.write(count, from: rows)
  }

  public func finish() throws(ImageError) { try encoder.finish() }
}

extension RowSource {
  /// Encodes all rows as they come; no more than a strip of them is held.
  ///
  /// - Returns: what of the metadata was left out.
  /// - Throws: ``ImageError/truncated(_:)`` where the source ends before its last row.
  @discardableResult
  public func write(
    to sink: any ByteSink, options: WriteOptions = WriteOptions()
  ) throws(ImageError) -> [String] {
    let layout = layout
    let writer = try ImageWriter(to: sink, layout: layout, metadata: metadata, options: options)
    let rowsAtOnce = max(1, min(layout.height, stripBytes / max(1, layout.bytesPerRow)))
    let strip = UnsafeMutableRawPointer.allocate(
      byteCount: rowsAtOnce * layout.bytesPerRow, alignment: 64)
    defer { strip.deallocate() }
    var rows = 0
    while rows < layout.height {
      // The strip has room for as many rows as are asked for.
      let count = try read(min(rowsAtOnce, layout.height - rows), into: strip)
      guard count > 0 else { throw .truncated("rows are missing") }
      try writer.write(count, from: strip)
      rows += count
    }
    try writer.finish()
    return writer.warnings
  }

  /// Writes all rows to a file as they come; the file is replaced only once it is complete.
  public func write(path: String, options: WriteOptions = WriteOptions()) throws(ImageError) {
    let file = try withImageErrors(try AtomicFile(path: path))
    try write(to: file, options: options)
    try withImageErrors(try file.commit())
  }
}

/// What goes to the encoder at once: small enough for a processor's cache.
private let stripBytes = 256 << 10

extension Image {
  /// Encodes the image.
  public func write(
    to sink: any ByteSink, options: WriteOptions = WriteOptions()
  ) throws(ImageError) {
    let writer = try ImageWriter(to: sink, layout: layout, metadata: metadata, options: options)
    try withUnsafeBytes { bytes throws(ImageError) in
      if let start = bytes.baseAddress { try writer.write(layout.height, from: start) }
    }
    try writer.finish()
  }

  /// Writes the image to a file, which is replaced only once it is complete.
  public func write(
    path: String, options: WriteOptions = WriteOptions()
  ) throws(ImageError) {
    let file = try withImageErrors(try AtomicFile(path: path))
    try write(to: file, options: options)
    try withImageErrors(try file.commit())
  }

  /// The encoded file in memory.
  public func encoded(_ options: WriteOptions = WriteOptions()) throws(ImageError) -> [UInt8] {
    let sink = MemorySink()
    try write(to: sink, options: options)
    return sink.bytes
  }
}
