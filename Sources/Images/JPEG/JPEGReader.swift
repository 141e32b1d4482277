import CCodecs
import Files
import Glibc

/// Decodes a JPEG by rows, in the order in which they are stored, through libjpeg(-turbo).
///
/// Gray comes as one channel, YCbCr and RGB as three; CMYK and Adobe's YCCK are converted to RGB by
/// R = (255 − C)(255 − K) / 255 and so on, without their color profile, which is then left out.
final class JPEGReader: ImageDecoder {
  let layout: PixelLayout
  private(set) var metadata = Metadata()
  let header: vision_jpeg_header
  private(set) var orientation = Orientation.upright
  private let input: JPEGInput
  private let state: OpaquePointer
  private let options: ReadOptions
  private var started = false
  private var nextRow = 0
  private var failure: ImageError?
  private var damaged = false
  private var ownWarnings: [String] = []
  private var imageCount = 1
  /// Rows of CMYK.
  private var inks = Buffer(byteCount: 0)

  init(_ reader: ByteReader, options: ReadOptions) throws(ImageError) {
    self.options = options
    input = JPEGInput(reader, options.cancellation)
    guard
      let state = vision_jpeg_reader_create(
        readJPEGBytes, isJPEGWanted, Unmanaged.passUnretained(input).toOpaque(),
        options.lenient ? 1 : 0)
    else { throw .system("cannot decode", errno: ENOMEM) }
    self.state = state
    var header = vision_jpeg_header()
    var status = vision_jpeg_reader_header(state, &header)
    self.header = header
    var (width, height) = (header.width, header.height)
    let sides = [Int(header.width), Int(header.height)].sorted()
    let sufficient =
      options.sufficientSide
      ?? options.sufficientLongSide.map { ($0 * sides[0] + sides[1] - 1) / max(sides[1], 1) }
    if let side = sufficient, status == VISION_JPEG_OK {
      status = vision_jpeg_reader_reduce(state, UInt32(clamping: max(side, 1)), &width, &height)
    }
    layout = PixelLayout(
      width: Int(width), height: Int(height), channels: header.color == VISION_JPEG_GRAY ? 1 : 3)
    try check(status)
    try options.limits.checkSize(width: Int(header.width), height: Int(header.height))
    try options.limits.checkMemory(header.whole_image_bytes, for: "a progressive JPEG of this size")
    readMetadata()
  }

  deinit { vision_jpeg_reader_destroy(state) }

  /// What was passed over.
  var warnings: [String] {
    let warning = String(cString: vision_jpeg_reader_warning(state))
    return (warning.isEmpty ? [] : [warning]) + ownWarnings
  }

  var isCMYK: Bool { header.channels == 4 }

  var info: ImageInfo {
    let isLumaChroma = header.is_luma_chroma != 0
    let model =
      switch header.channels {
      case 1: "gray"
      case 4: isLumaChroma ? "YCCK" : "CMYK"
      default: isLumaChroma ? "YCbCr" : "RGB"
      }
    var stored = layout
    (stored.width, stored.height) = (Int(header.width), Int(header.height))
    var info = ImageInfo(
      FileDescription(
        format: .jpeg, colorModel: model, bitDepth: 8, isInterlaced: header.progressive != 0,
        imageCount: imageCount, isLossless: false),
      layout: stored, metadata, orientation)
    info.jpeg = encoding
    return info
  }

  /// Nil where the tables stand behind the header.
  private var encoding: JPEGEncoding? {
    guard header.luma_horizontal > 0, header.chroma_horizontal > 0, header.chroma_vertical > 0
    else {
      return nil
    }
    var tables = header.quantization
    let values = withUnsafeBytes(of: &tables) { Array($0.bindMemory(to: UInt16.self)) }
    return JPEGEncoding(
      tables: [Array(values[..<64]), Array(values[64..<128])],
      subsampling: header.channels == 1
        ? nil
        : ChromaSubsampling(
          horizontal: Int(header.luma_horizontal / header.chroma_horizontal),
          vertical: Int(header.luma_vertical / header.chroma_vertical)))
  }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    if let failure { throw failure }
    let wanted = min(count, layout.height - nextRow)
    guard wanted > 0 else { return 0 }
    do throws(ImageError) {
      let done = try damaged ? 0 : readRows(wanted, into: rows)
      memset(rows + done * layout.bytesPerRow, 0, (wanted - done) * layout.bytesPerRow)
      nextRow += wanted
      if nextRow == layout.height, !damaged {
        try forgiving(vision_jpeg_reader_finish(state), "the file's end is damaged")
      }
    } catch {
      failure = error
      throw error
    }
    return wanted
  }

  /// Returns how many rows came: all of them, unless damage was forgiven.
  private func readRows(
    _ count: Int, into rows: UnsafeMutableRawPointer
  ) throws(ImageError) -> Int {
    let missing = "the rows from there on are left black"
    if !started {
      started = true
      try forgiving(vision_jpeg_reader_start(state, options.limits.maximumBytes), missing)
      if damaged { return 0 }
    }
    let target = rows.assumingMemoryBound(to: UInt8.self)
    var done: UInt32 = 0
    guard isCMYK else {
      try forgiving(
        vision_jpeg_reader_read(state, target, layout.bytesPerRow, UInt32(count), &done), missing)
      return Int(done)
    }
    let inkBytes = 4 * layout.width
    if inks.bytes.count < 16 * inkBytes { inks = Buffer(byteCount: 16 * inkBytes) }
    var row = 0
    while row < count, !damaged {
      let batch = UInt32(min(16, count - row))
      try forgiving(
        vision_jpeg_reader_read(state, inks.start, inkBytes, batch, &done), missing)
      convertCMYK(
        inks.start, inverted: header.color == VISION_JPEG_CMYK_INVERTED,
        into: target + row * layout.bytesPerRow, pixels: Int(done) * layout.width)
      row += Int(done)
      if done < batch { break }
    }
    return row
  }

  /// Throws, or when damage is to be forgiven, notes it and what came of it.
  private func forgiving(
    _ status: vision_jpeg_status, _ consequence: String
  ) throws(ImageError) {
    do throws(ImageError) { try check(status) } catch {
      // Too many scans are no damage, but what would take too long.
      guard options.lenient, status != VISION_JPEG_SCANS else { throw error }
      switch error {
      case .system, .tooLarge: throw error
      default: break
      }
      damaged = true
      ownWarnings.append("\(error.reason); \(consequence)")
    }
  }

  private func check(_ status: vision_jpeg_status) throws(ImageError) {
    let message = String(cString: vision_jpeg_reader_message(state))
    switch status {
    case VISION_JPEG_OK: return
    case VISION_JPEG_TRUNCATED: throw .truncated("the file ends in its image data")
    case VISION_JPEG_UNSUPPORTED, VISION_JPEG_SCANS: throw .unsupported("JPEG: \(message)")
    case VISION_JPEG_MEMORY:
      throw .tooLarge("decoding takes more memory than the limit; raise it with --max-memory")
    case VISION_JPEG_IO: throw input.failure ?? .system("cannot read", errno: EIO)
    default: throw .corrupt("JPEG: \(message)")
    }
  }

  // MARK: Metadata

  private func readMetadata() {
    var profile = JPEGProfileParts()
    var marker = vision_jpeg_marker()
    var lost: [String] = []
    while vision_jpeg_reader_next_marker(state, &marker) != 0 {
      let bytes = Array(UnsafeBufferPointer(start: marker.bytes, count: marker.count))
      switch marker.code {
      case 0xE1:
        if metadata.exif == nil, bytes.starts(with: EXIF.jpegPrefix) {
          metadata.exif = Array(bytes.dropFirst(EXIF.jpegPrefix.count))
        } else if metadata.xmp == nil, bytes.starts(with: XMP.jpegPrefix) {
          metadata.xmp = Array(bytes.dropFirst(XMP.jpegPrefix.count))
        } else if bytes.starts(with: XMP.extensionPrefix) {
          lost.append("the extension of XMP")
        }
      case 0xE2:
        if let count = MultiPicture.imageCount(bytes) { imageCount = max(1, count) }
        profile.add(bytes)
      case 0xED: if bytes.starts(with: "Photoshop".utf8) { lost.append("Photoshop's resources") }
      default:
        if metadata.texts.count < 100 { metadata.texts.append(TextEntry(jpegComment: bytes)) }
      }
    }
    for name in Set(lost).sorted() { ownWarnings.append("\(name) left out") }
    if imageCount > 1 { ownWarnings.append("\(imageCount) images: only the first is read") }
    metadata.colorProfile = profile.joined()
    if profile.isIncomplete { ownWarnings.append("color profile left out: it is incomplete") }
    if isCMYK {
      ownWarnings.append(
        metadata.colorProfile == nil
          ? "CMYK was made RGB by a plain formula, without a color profile"
          : "CMYK was made RGB by a plain formula; its color profile was not applied and is left out"
      )
      metadata.colorProfile = nil
    }
    let exif = metadata.exif.flatMap { EXIF($0) }
    orientation = exif?.orientation ?? .upright
    // It no longer holds for an image that comes smaller than it is stored.
    guard layout.width == Int(header.width) else { return }
    let (across, down) = (header.density_x, header.density_y)
    if header.has_density != 0, across > 0, down > 0, header.density_unit > 0 {
      let perMeter = header.density_unit == 1 ? 1 / 0.0254 : 100
      metadata.resolution = Resolution(
        horizontal: Double(across) * perMeter, vertical: Double(down) * perMeter)
      return
    }
    metadata.resolution = exif?.resolution
    if header.has_density != 0, across > 0, down > 0, across != down {
      metadata.pixelAspect = PixelAspect(horizontal: across, vertical: down)
    }
  }
}

extension TextEntry {
  /// A comment; where it begins with a keyword that is written here, that is taken off again.
  init(jpegComment bytes: [UInt8]) {
    let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    let mark = Self.software + ": "
    self =
      text.hasPrefix(mark)
      ? TextEntry(keyword: Self.software, text: String(text.dropFirst(mark.count)))
      : TextEntry(keyword: Self.comment, text: text)
  }
}

/// R = (255 − C)(255 − K) / 255, rounded; the same for green from magenta and blue from yellow.
/// - Parameter inverted: whether 255 is no ink, as Adobe stores it.
///
/// Plain pointers, since it runs over every pixel: 4 bytes are read and 3 written for each.
func convertCMYK(
  _ inks: UnsafePointer<UInt8>, inverted: Bool, into row: UnsafeMutablePointer<UInt8>, pixels: Int
) {
  let flip: UInt8 = inverted ? 0 : 255
  for i in 0..<pixels {
    let white = UInt32(inks[4 &* i &+ 3] ^ flip)
    for c in 0..<3 {
      let product = UInt32(inks[4 &* i &+ c] ^ flip) &* white &+ 128
      row[3 &* i &+ c] = UInt8(truncatingIfNeeded: (product &+ (product &>> 8)) &>> 8)
    }
  }
}
