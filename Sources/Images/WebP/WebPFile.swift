import CCodecs
import Files

/// A WebP (RFC 9649), decoded by libwebp, of which the first image is read. The container is taken apart here.
struct WebPFile: WholeFile {
  let layout: PixelLayout
  private(set) var metadata = Metadata()
  private(set) var orientation = Orientation.upright
  private(set) var description: FileDescription
  private(set) var warnings: [String] = []
  /// A file of the first image alone.
  private let still: [UInt8]
  /// Whether the file is shorter than it says.
  private let isCutOff: Bool
  /// Where that image lies on the canvas.
  private let frame: (x: Int, y: Int, width: Int, height: Int)

  /// Whether this is how a WebP begins.
  static func begins(_ bytes: some Collection<UInt8>) -> Bool {
    let bytes = Array(bytes.prefix(12))
    return bytes.count == 12 && bytes.starts(with: "RIFF".utf8)
      && bytes[8...].elementsEqual("WEBP".utf8)
  }

  init(_ bytes: [UInt8]) throws(ImageError) {
    guard vision_webp_is_available() != 0 else { throw .missingLibrary(.webp) }
    let chunks = RIFF.chunks(of: bytes, from: 12)
    isCutOff = bytes.count - 8 < FileBytes(bytes).number(at: 4, 4) ?? 0
    var canvas: (width: Int, height: Int)?
    var images: [ArraySlice<RIFF.Chunk>] = []
    var offset = (x: 0, y: 0)
    for chunk in chunks {
      switch chunk.name {
      case "VP8X" where chunk.range.count >= 10:
        canvas = (
          Self.number24(bytes, chunk.start + 4) + 1, Self.number24(bytes, chunk.start + 7) + 1
        )
      case "ICCP": metadata.colorProfile = Array(bytes[chunk.range])
      case "EXIF":
        let block = Array(bytes[chunk.range])
        metadata.exif = block.starts(with: EXIF.jpegPrefix) ? Array(block.dropFirst(6)) : block
      case "XMP ": metadata.xmp = Array(bytes[chunk.range])
      case WebPWriter.softwareChunk:
        metadata.texts.append(
          TextEntry(
            keyword: TextEntry.software, text: String(decoding: bytes[chunk.range], as: UTF8.self)))
      case "VP8 ", "VP8L": images.append([chunk])
      case "ANMF" where chunk.range.count > 16:
        if images.isEmpty {
          offset = (
            2 * Self.number24(bytes, chunk.start), 2 * Self.number24(bytes, chunk.start + 3)
          )
        }
        images.append(
          ArraySlice(RIFF.chunks(of: bytes, from: chunk.start + 16, to: chunk.range.upperBound)))
      default: break
      }
    }
    guard let first = images.first else { throw .truncated("the file ends before its first image") }
    let isAnimated = chunks.contains { $0.name == "ANMF" }
    // A still image keeps its own container: alpha may stand in a chunk beside it.
    still =
      isAnimated
      ? RIFF.webP(first.filter { ["ALPH", "VP8 ", "VP8L"].contains($0.name) }, of: bytes) : bytes
    var header = vision_webp_features()
    guard vision_webp_header(still, still.count, &header) == 0, header.width > 0, header.height > 0
    else {
      throw .corrupt("WebP: the header of its image")
    }
    let (width, height) = (Int(header.width), Int(header.height))
    let size = (isAnimated ? canvas : nil) ?? (width: width, height: height)
    frame = (offset.x, offset.y, width, height)
    let covers = frame.x == 0 && frame.y == 0 && width >= size.width && height >= size.height
    let hasAlpha = header.has_alpha != 0 || !covers
    layout = PixelLayout(width: size.width, height: size.height, channels: hasAlpha ? 4 : 3)
    let isLossless = first.contains { $0.name == "VP8L" }
    description = FileDescription(
      format: .webp, colorModel: (isLossless ? "RGB" : "YCbCr") + (hasAlpha ? " and alpha" : ""),
      bitDepth: 8,
      imageCount: images.count)
    description.isLossless = isLossless
    let exif = metadata.exif.flatMap { EXIF($0) }
    orientation = exif?.orientation ?? .upright
    metadata.resolution = exif?.resolution
  }

  private static func number24(_ bytes: [UInt8], _ place: Int) -> Int {
    FileBytes(bytes).number(at: place, 3) ?? 0
  }

  mutating func decode(_ options: ReadOptions) throws(ImageError) -> Image {
    var stored = layout
    (stored.width, stored.height) = (frame.width, frame.height)
    var image = Image(layout: stored, metadata: metadata)
    let (still, channels) = (still, Int32(stored.channels))
    let rowBytes = Int32(clamping: stored.bytesPerRow)
    // About a megapixel at a time.
    let parts = max(1, min((stored.width * stored.height) >> 20, still.count >> 10))
    var isWhole: Int32 = 0
    let rows = image.withUnsafeMutableBytes { pixels in
      // The library writes at most as many bytes as it is told that there are.
      let rows = vision_webp_read(
        still, still.count, Int32(parts), channels,
        pixels.baseAddress?.assumingMemoryBound(to: UInt8.self), pixels.count, rowBytes, &isWhole,
        isWanted, options.cancellation.context)
      return max(0, Int(rows))
    }
    try options.cancellation?.checkImage()
    if isWhole == 0 {
      guard options.lenient else {
        if isCutOff { throw .truncated("the file ends in its image data") }
        throw .corrupt("WebP: its image is damaged")
      }
      let missing = stored.height - rows
      warnings.append(
        (isCutOff ? "truncated: the file ends in its image data" : "damaged: WebP: its image")
          + (missing > 0 ? "; \(missingRows(missing)) and left black" : ""))
    }
    if frame.x == 0, frame.y == 0, stored == layout { return image }
    return image.placed(x: frame.x, y: frame.y, on: layout)
  }
}

extension Image {
  /// The image on a larger canvas, transparent where it does not reach.
  fileprivate func placed(x: Int, y: Int, on canvas: PixelLayout) -> Image {
    var result = Image(layout: canvas, metadata: metadata)
    let pixelBytes = layout.channels * layout.sample.byteCount
    let count = min(layout.width, canvas.width - x)
    let (source, rows) = (layout, min(layout.height, canvas.height - y))
    guard count > 0, rows > 0 else { return result }
    result.withUnsafeMutableBytes { target in
      withUnsafeBytes { pixels in
        for row in 0..<rows {
          let start = row * source.bytesPerRow
          UnsafeMutableRawBufferPointer(
            rebasing: target[((y + row) * canvas.bytesPerRow + x * pixelBytes)...]
          ).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: pixels[start..<start + count * pixelBytes]))
        }
      }
    }
    return result
  }
}

/// The container of WebP: chunks of a name, a length and data, padded to an even length.
enum RIFF {
  struct Chunk {
    let name: String
    let range: Range<Int>
    var start: Int { range.lowerBound }
  }

  /// The chunks between two places; one that is cut off ends where the bytes do.
  static func chunks(of bytes: [UInt8], from start: Int, to end: Int = .max) -> [Chunk] {
    let end = min(end, bytes.count)
    var chunks: [Chunk] = []
    var place = start
    while place + 8 <= end, let length = FileBytes(bytes).number(at: place + 4, 4) {
      let first = place + 8
      chunks.append(
        Chunk(
          name: String(decoding: bytes[place..<place + 4], as: UTF8.self),
          range: first..<min(end, first + length)))
      place = first + length + length % 2
    }
    return chunks
  }

  static func chunk(_ name: String, _ data: some Collection<UInt8>) -> [UInt8] {
    Array(name.utf8) + littleEndian(data.count, 4) + data + (data.count % 2 == 0 ? [] : [0])
  }

  static func file(_ chunks: [UInt8]) -> [UInt8] {
    Array("RIFF".utf8) + littleEndian(chunks.count + 4, 4) + Array("WEBP".utf8) + chunks
  }

  /// A still image of some chunks of another file. Alpha beside a lossy image needs the extended form.
  static func webP(_ chunks: some Collection<Chunk>, of bytes: [UInt8]) -> [UInt8] {
    var body = chunks.flatMap { chunk($0.name, bytes[$0.range]) }
    if chunks.contains(where: { $0.name == "ALPH" }),
      let image = chunks.first(where: { $0.name == "VP8 " }),
      let width = FileBytes(bytes).number(at: image.start + 6, 2),
      let height = FileBytes(bytes).number(at: image.start + 8, 2)
    {
      // Width and height stand behind three bytes of the frame's header and its start code (RFC 6386, 9.1).
      let header =
        [0x10, 0, 0, 0] + littleEndian((width & 0x3FFF) - 1, 3)
        + littleEndian((height & 0x3FFF) - 1, 3)
      body = chunk("VP8X", header) + body
    }
    return file(body)
  }

  static func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
