import Files

/// How a file is written.
public struct WriteOptions: Sendable, Equatable {
  public var format: ImageFormat
  /// PNG: how much work goes into a small file.
  public var compression: Compression
  /// JPEG: 1…100.
  public var quality: Int
  /// JPEG: how much colour detail is kept.
  public var subsampling: ChromaSubsampling
  /// PNG: threads that compress. The file's bytes do not depend on it.
  public var threads: Int

  public init(
    format: ImageFormat = .png, compression: Compression = .balanced, quality: Int = 90,
    subsampling: ChromaSubsampling = .quarter, threads: Int = 1
  ) {
    self.format = format
    self.compression = compression
    self.quality = quality
    self.subsampling = subsampling
    self.threads = threads
  }
}

/// Encodes an image file by rows.
///
/// PNG takes 8- and 16-bit samples with 1…4 channels. JPEG holds 8 bits without alpha: 16-bit samples are
/// rounded to 8, and what is transparent is laid over white. Profile, EXIF and resolution are written
/// with either; a profile for RGB is left out of a grey image.
public final class ImageWriter: RowSink {
  private let encoder: any RowSink

  /// Writes the header to `sink`.
  public init(
    to sink: any ByteSink, layout: PixelLayout, metadata: Metadata = Metadata(),
    options: WriteOptions = WriteOptions()
  ) throws(ImageError) {
    switch options.format {
    case .png:
      encoder = try PNGWriter(
        to: sink, layout: layout, metadata: metadata, compression: options.compression,
        threads: options.threads)
    case .jpeg:
      encoder = try JPEGWriter(
        to: sink, layout: layout, metadata: metadata, quality: options.quality,
        subsampling: options.subsampling)
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
  /// - Throws: ``ImageError/truncated(_:)`` where the source ends before its last row.
  public func write(
    to sink: any ByteSink, options: WriteOptions = WriteOptions()
  ) throws(ImageError) {
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
