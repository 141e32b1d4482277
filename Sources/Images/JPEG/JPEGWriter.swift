import CCodecs
import Files
import Glibc

/// Encodes a JPEG by rows through libjpeg(-turbo).
///
/// JPEG holds 8 bits and no alpha: 16-bit samples are rounded to 8, and what is transparent is laid over
/// the background. Huffman tables are made for the image where it has at most two megapixels: that holds all its
/// coefficients in memory, as progressive files do of any size.
final class JPEGWriter: RowSink {
  private let layout: PixelLayout
  private let output: JPEGOutput
  private let state: OpaquePointer
  /// One row as JPEG takes it, where the rows that come must be changed.
  private let line: Buffer?
  private let background: BackgroundColor
  private var rowsTaken = 0

  private static let mostOptimizedPixels = 2_000_000

  /// - Parameter settings: what was told of quality and subsampling; where nothing was, those of ``WriteOptions/source``
  ///   hold.
  init(
    to sink: any ByteSink, layout: PixelLayout, metadata: Metadata, settings: WriteOptions
  ) throws(ImageError) {
    guard layout.sample != .float32 else {
      throw .invalidRequest("JPEG holds 8 bits a sample, not floats")
    }
    guard (1...65500).contains(layout.width), (1...65500).contains(layout.height) else {
      throw .unsupported(
        "JPEG holds at most 65500 × 65500 pixels, not \(layout.width) × \(layout.height); "
          + "write a PNG")
    }
    if let quality = settings.quality, !(1...100).contains(quality) {
      throw .invalidRequest("a JPEG quality of \(quality) does not exist; give 1 to 100")
    }
    self.layout = layout
    background = settings.background
    output = JPEGOutput(sink)
    line =
      layout.hasAlpha || layout.sample == .uint16
      ? Buffer(byteCount: layout.width * layout.colorChannels) : nil
    guard
      let state = vision_jpeg_writer_create(
        writeJPEGBytes, Unmanaged.passUnretained(output).toOpaque())
    else { throw .system("cannot encode", errno: ENOMEM) }
    self.state = state
    var options = vision_jpeg_options()
    options.width = UInt32(layout.width)
    options.height = UInt32(layout.height)
    options.channels = UInt32(layout.colorChannels)
    options.quality = Int32(settings.quality ?? WriteOptions.standardQuality)
    let factors = (settings.subsampling ?? settings.source?.subsampling ?? .quarter).factors
    options.chroma_horizontal = Int32(factors.horizontal)
    options.chroma_vertical = Int32(factors.vertical)
    options.progressive = settings.progressive ? 1 : 0
    options.optimizes_huffman = layout.width * layout.height <= Self.mostOptimizedPixels ? 1 : 0
    if let resolution = metadata.resolution {
      options.density_unit = 1
      options.density_x = UInt16(clampedRounding: resolution.horizontal * 0.0254)
      options.density_y = UInt16(clampedRounding: resolution.vertical * 0.0254)
    } else if let aspect = metadata.pixelAspect, aspect.horizontal <= 65535,
      aspect.vertical <= 65535
    {
      options.density_x = UInt16(aspect.horizontal)
      options.density_y = UInt16(aspect.vertical)
    }
    let tables = settings.quality == nil ? settings.source?.tables.flatMap { $0 } : nil
    let status = (tables ?? []).withUnsafeBufferPointer { values in
      options.quantization = tables == nil ? nil : values.baseAddress
      return vision_jpeg_writer_start(state, &options)
    }
    try check(status)
    if let exif = metadata.exif { try writeMarker(0xE1, EXIF.jpegPrefix + exif) }
    if let xmp = metadata.xmp { try writeMarker(0xE1, XMP.jpegPrefix + xmp) }
    if let profile = metadata.colorProfile(for: layout) {
      try check(vision_jpeg_writer_profile(state, profile, profile.count))
    }
    for text in metadata.texts { try writeMarker(0xFE, text.comment) }
  }

  private func writeMarker(_ code: Int32, _ segment: [UInt8]) throws(ImageError) {
    try check(vision_jpeg_writer_marker(state, code, segment, segment.count))
  }

  deinit { vision_jpeg_writer_destroy(state) }

  func write(_ count: Int, from rows: UnsafeRawPointer) throws(ImageError) {
    guard count <= layout.height - rowsTaken else {
      throw .invalidRequest("more rows than the image has")
    }
    rowsTaken += count
    guard let line else {
      let rows = rows.assumingMemoryBound(to: UInt8.self)
      return try check(
        vision_jpeg_writer_write(state, rows, layout.bytesPerRow, UInt32(count)))
    }
    for row in 0..<count {
      flattenRow(rows + row * layout.bytesPerRow, layout, background, into: line.start)
      try check(vision_jpeg_writer_write(state, line.start, line.bytes.count, 1))
    }
  }

  func finish() throws(ImageError) {
    guard rowsTaken == layout.height else {
      throw .invalidRequest("\(rowsTaken) of \(layout.height) rows were written")
    }
    try check(vision_jpeg_writer_finish(state))
  }

  private func check(_ status: vision_jpeg_status) throws(ImageError) {
    let message = String(cString: vision_jpeg_writer_message(state))
    switch status {
    case VISION_JPEG_OK: return
    case VISION_JPEG_IO: throw output.failure ?? .system("cannot write", errno: EIO)
    case VISION_JPEG_MEMORY: throw .system("cannot encode", errno: ENOMEM)
    default: throw .unsupported("JPEG: \(message)")
    }
  }
}

/// What the C side writes to; keeps the error that the callback cannot pass on.
private final class JPEGOutput {
  let sink: any ByteSink
  var failure: ImageError?

  init(_ sink: any ByteSink) { self.sink = sink }
}

private func writeJPEGBytes(
  _ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int
) -> Int32 {
  guard let context else { return -1 }
  let output = Unmanaged<JPEGOutput>.fromOpaque(context).takeUnretainedValue()
  do throws(FileError) {
    try output.sink.write(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
  } catch {
    output.failure = ImageError(error)
    return -1
  }
}
