import CCodecs
import Files

/// Encodes a WebP through libwebp, which takes an image whole.
///
/// WebP holds 8 bits: 16-bit samples are rounded. Gray is written as RGB.
final class WebPWriter: RowSink {
  /// A chunk that readers pass over (RFC 9649, 2.7.1.6): the name of the program.
  static let softwareChunk = "soft"

  private let sink: any ByteSink
  private let metadata: Metadata
  private let isLossless: Bool
  private let quality: Int
  private let cancellation: Cancellation?
  private var image: Image
  private var rowsTaken = 0
  private let layout: PixelLayout

  init(
    to sink: any ByteSink, layout: PixelLayout, metadata: Metadata, quality: Int, isLossless: Bool,
    cancellation: Cancellation?
  ) throws(ImageError) {
    guard vision_webp_is_available() != 0 else { throw .missingLibrary(.webp) }
    guard layout.sample != .float32 else {
      throw .invalidRequest("WebP holds 8 bits a sample, not floats")
    }
    guard (1...16383).contains(layout.width), (1...16383).contains(layout.height) else {
      throw .unsupported(
        "WebP holds at most 16383 × 16383 pixels, not \(layout.width) × \(layout.height); write a PNG"
      )
    }
    guard (1...100).contains(quality) else {
      throw .invalidRequest("a WebP quality of \(quality) does not exist; give 1 to 100")
    }
    self.sink = sink
    self.layout = layout
    self.metadata = metadata
    self.quality = quality
    self.isLossless = isLossless
    self.cancellation = cancellation
    image = Image(
      layout: PixelLayout(
        width: layout.width, height: layout.height, channels: layout.hasAlpha ? 4 : 3))
  }

  func write(_ count: Int, from rows: UnsafeRawPointer) throws(ImageError) {
    guard count <= layout.height - rowsTaken else {
      throw .invalidRequest("more rows than the image has")
    }
    let (layout, first) = (layout, rowsTaken)
    let (channels, colors) = (image.channels, layout.colorChannels)
    image.withUnsafeMutableBytes { pixels in
      for row in 0..<count {
        let source = rows + row * layout.bytesPerRow
        var target = (first + row) * layout.width * channels
        for x in 0..<layout.width {
          for c in 0..<channels {
            // Gray three times; alpha is the last of both.
            let sample = c == 3 ? layout.channels - 1 : min(c, colors - 1)
            let index = x * layout.channels + sample
            pixels[target + c] =
              layout.sample == .uint8
              ? source.load(fromByteOffset: index, as: UInt8.self)
              : narrow(source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
          }
          target += channels
        }
      }
    }
    rowsTaken += count
  }

  func finish() throws(ImageError) {
    guard rowsTaken == layout.height else {
      throw .invalidRequest("\(rowsTaken) of \(layout.height) rows were written")
    }
    var output: UnsafeMutablePointer<UInt8>?
    let (width, height) = (Int32(layout.width), Int32(layout.height))
    let (channels, quality) = (Int32(image.channels), isLossless ? -1 : Float(quality))
    let count = image.withUnsafeBytes { pixels in
      vision_webp_write(
        pixels.baseAddress?.assumingMemoryBound(to: UInt8.self), width, height, channels, quality,
        &output, isWanted, cancellation.context)
    }
    if count == 0 { try cancellation?.checkImage() }
    guard count > 0, let output else { throw .unsupported("WebP: the image could not be encoded") }
    // The library's memory, of as many bytes as it said.
    let file = Array(UnsafeBufferPointer(start: output, count: count))
    vision_webp_release(output)
    try withImageErrors(try sink.write(extended(file)))
  }

  /// The file with its metadata, which need the extended form of the container.
  private func extended(_ file: [UInt8]) -> [UInt8] {
    let software = metadata.texts.first { $0.keyword == TextEntry.software }
    let profile = metadata.colorProfile
    guard profile != nil || metadata.exif != nil || metadata.xmp != nil || software != nil else {
      return file
    }
    let images = RIFF.chunks(of: file, from: 12).filter {
      ["ALPH", "VP8 ", "VP8L"].contains($0.name)
    }
    let flags =
      (profile == nil ? 0 : 0x20) | (layout.hasAlpha ? 0x10 : 0) | (metadata.exif == nil ? 0 : 8)
      | (metadata.xmp == nil ? 0 : 4)
    var chunks = RIFF.chunk(
      "VP8X",
      RIFF.littleEndian(flags, 4) + RIFF.littleEndian(layout.width - 1, 3)
        + RIFF.littleEndian(layout.height - 1, 3))
    if let profile { chunks += RIFF.chunk("ICCP", profile) }
    for image in images { chunks += RIFF.chunk(image.name, file[image.range]) }
    if let exif = metadata.exif { chunks += RIFF.chunk("EXIF", exif) }
    if let xmp = metadata.xmp { chunks += RIFF.chunk("XMP ", xmp) }
    if let software { chunks += RIFF.chunk(Self.softwareChunk, software.text.utf8) }
    return RIFF.file(chunks)
  }
}
