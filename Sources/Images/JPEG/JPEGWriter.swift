import CCodecs
import Files
import Glibc

/// How much colour detail a JPEG keeps, written as in J:a:b.
public enum ChromaSubsampling: String, Sendable, Hashable, CaseIterable {
  /// Colour for every pixel.
  case full = "4:4:4"
  /// Colour for every second pixel across.
  case half = "4:2:2"
  /// Colour for every second pixel across and down.
  case quarter = "4:2:0"
}

/// Encodes a JPEG by rows through libjpeg(-turbo).
///
/// JPEG holds 8 bits and no alpha: 16-bit samples are rounded to 8, and what is transparent is laid over
/// white.
final class JPEGWriter: RowSink {
  private let layout: PixelLayout
  private let output: JPEGOutput
  private let state: OpaquePointer
  /// One row as JPEG takes it, where the rows that come must be changed.
  private let line: Buffer?
  private var rowsTaken = 0

  init(
    to sink: any ByteSink, layout: PixelLayout, metadata: Metadata, quality: Int,
    subsampling: ChromaSubsampling
  ) throws(ImageError) {
    guard layout.sample != .float32 else {
      throw .invalidRequest("JPEG holds 8 bits a sample, not floats")
    }
    guard (1...65500).contains(layout.width), (1...65500).contains(layout.height) else {
      throw .unsupported(
        "JPEG holds at most 65500 × 65500 pixels, not \(layout.width) × \(layout.height); "
          + "write a PNG")
    }
    guard (1...100).contains(quality) else {
      throw .invalidRequest("a JPEG quality of \(quality) does not exist; give 1 to 100")
    }
    self.layout = layout
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
    options.quality = Int32(quality)
    options.chroma_horizontal = subsampling == .full ? 1 : 2
    options.chroma_vertical = subsampling == .quarter ? 2 : 1
    if let resolution = metadata.resolution {
      options.density_unit = 1
      options.density_x = UInt16(clampedRounding: resolution.horizontal * 0.0254)
      options.density_y = UInt16(clampedRounding: resolution.vertical * 0.0254)
      if options.density_x == 0 || options.density_y == 0 { options.density_unit = 0 }
    }
    try check(vision_jpeg_writer_start(state, &options))
    if let exif = metadata.exif, exif.count + EXIF.jpegPrefix.count <= 65533 {
      let segment = EXIF.jpegPrefix + exif
      try check(vision_jpeg_writer_marker(state, 0xE1, segment, segment.count))
    }
    if let profile = metadata.colorProfile(for: layout) {
      try check(vision_jpeg_writer_profile(state, profile, profile.count))
    }
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
      flattenRow(rows + row * layout.bytesPerRow, layout, into: line.start)
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
