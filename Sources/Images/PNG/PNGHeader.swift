import CCodecs
import Files

/// What a PNG file says before its pixels: all chunks up to the first IDAT.
///
/// PNG Specification (Third Edition), W3C 2025, sections 5 and 11.
struct PNGHeader {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  enum ColorType: UInt8 {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    /// Samples that a pixel has in the file.
    var storedChannels: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  var width = 0
  var height = 0
  var bitDepth = 8
  var colorType = ColorType.gray
  var interlaced = false
  /// Red, green and blue of each entry.
  var palette: [UInt8] = []
  /// tRNS: alpha of palette entries, or the one color that is transparent, two bytes a sample.
  var transparency: [UInt8]?
  var profileName: String?
  var metadata = Metadata()
  /// acTL: images of an animation.
  var frameCount: Int?
  /// Whether a chunk that describes the colors was damaged, so that the others may say something else.
  var colorsAreDamaged = false
  /// Whether the EXIF block stands behind the image data, where a reader that streams does not see it.
  var exifFollowsData = false
  /// Whether a palette's indices are handed over rather than its colors.
  var keepsIndices = false
  var givesIndices: Bool { keepsIndices && colorType == .palette }
  /// Bytes of texts, decompressed.
  var textBytes = 0
  var warnings: [String] = []
  /// The length of the first IDAT chunk.
  var firstDataLength = 0

  /// Bits that a pixel has in the file.
  var bitsPerPixel: Int { bitDepth * colorType.storedChannels }
  /// Bytes of a row of `width` pixels in the file, without its filter byte.
  func storedBytes(pixels: Int) -> Int { (pixels * bitsPerPixel + 7) / 8 }

  /// The layout of the pixels handed over: palettes and tRNS expanded, fewer than 8 bits scaled to 8.
  var layout: PixelLayout {
    if givesIndices { return PixelLayout(width: width, height: height, channels: 1) }
    let color = colorType == .palette ? 3 : colorType.storedChannels
    return PixelLayout(
      width: width, height: height, channels: color + (transparency == nil ? 0 : 1),
      sample: bitDepth == 16 ? .uint16 : .uint8)
  }
}

/// A chunk's length and type.
struct PNGChunk: Equatable {
  let length: Int
  let type: String

  /// Whether a reader that does not know the chunk must refuse the file (PNG 5.4, bit 5 of the first
  /// letter).
  var isCritical: Bool { type.utf8.first.map { $0 & 0x20 == 0 } ?? true }
}

extension PNGHeader {
  /// Chunks that are kept in memory may be this long, as in libpng.
  static let longestChunk = 8_000_000

  /// Reads from the signature to the first IDAT, whose data are next in `reader`.
  init(reading reader: ByteReader, limits: Limits) throws(ImageError) {
    guard try withImageErrors(try reader.read(8)) == Self.signature else { throw .unknownFormat }
    var first = true
    while true {
      let chunk = try Self.readChunk(from: reader)
      if first, chunk.type != "IHDR" {
        throw .corrupt("the first chunk is \(chunk.type), not IHDR")
      }
      if chunk.type == "IDAT" {
        firstDataLength = chunk.length
        break
      }
      if chunk.type == "IEND" { throw .corrupt("no image data (IDAT)") }
      try read(chunk, from: reader, isFirst: first, limits: limits)
      first = false
    }
    if colorType == .palette, palette.isEmpty { throw .corrupt("no palette (PLTE)") }
    readTrailer(reader, limits: limits)
    if colorsAreDamaged,
      metadata.colorProfile != nil || metadata.colorDescription != ColorDescription()
    {
      metadata.colorProfile = nil
      metadata.colorDescription = ColorDescription()
      warnings.append("the other descriptions of color left out: they belong together")
    }
  }

  /// How the image must be turned. EXIF behind the image data is too late for that.
  var orientation: Orientation {
    exifFollowsData ? .upright : metadata.exif.flatMap { EXIF($0)?.orientation } ?? .upright
  }

  /// Reads the texts and the EXIF block behind the image data, where the file can be read at any place.
  private mutating func readTrailer(_ reader: ByteReader, limits: Limits) {
    // More chunks than any writer makes of an image are not gone through.
    let most = 200_000
    var place = firstDataLength + 4
    var hadEXIF = metadata.exif != nil
    for _ in 0..<most {
      guard let head = reader.bytes(at: place, 8), head.count == 8 else { return }
      let length = Int(bigEndian32(head, at: 0))
      let type = String(decoding: head[4..<8], as: UTF8.self)
      if type == "IEND" || length >= 1 << 31 { return }
      let isWanted = Self.texts.contains(type) || (type == "eXIf" && !hadEXIF)
      if isWanted, length <= Self.longestChunk, let bytes = reader.bytes(at: place + 8, length + 4),
        bytes.count == length + 4
      {
        let data = Array(bytes[..<length])
        guard Self.checksum(type, data) == bigEndian32(bytes, at: length) else { return }
        keep(type, data, limits: limits)
        if !hadEXIF, metadata.exif != nil {
          hadEXIF = true
          exifFollowsData = true
          if var exif = metadata.exif.flatMap({ EXIF($0) }) {
            exif.resetOrientation()
            metadata.exif = exif.bytes
          }
        }
      }
      place += 12 + length
    }
  }

  private static func checksum(_ type: String, _ data: [UInt8]) -> UInt32 {
    vision_crc32(vision_crc32(0, Array(type.utf8), 4), data, data.count)
  }

  private static let texts: Set<String> = ["tEXt", "zTXt", "iTXt"]

  static func readChunk(from reader: ByteReader) throws(ImageError) -> PNGChunk {
    let bytes = try withImageErrors(try reader.read(8))
    guard bytes.count == 8 else { throw .truncated("the file ends between two chunks") }
    let length = Int(bigEndian32(bytes, at: 0))
    let letters = bytes[4..<8]
    guard length < 1 << 31, letters.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A })
    else {
      throw .corrupt("not a chunk where one must begin")
    }
    return PNGChunk(length: length, type: String(decoding: letters, as: UTF8.self))
  }

  private static let descriptions: Set<String> = ["iCCP", "gAMA", "cHRM", "sRGB", "cICP"]
  private static let kept = texts.union(descriptions).union([
    "IHDR", "PLTE", "tRNS", "eXIf", "pHYs", "acTL",
  ])

  private mutating func read(
    _ chunk: PNGChunk, from reader: ByteReader, isFirst: Bool, limits: Limits
  ) throws(ImageError) {
    guard Self.kept.contains(chunk.type) else {
      if chunk.isCritical { throw .unsupported("critical chunk \(chunk.type)") }
      return try Self.skip(chunk, from: reader)
    }
    guard chunk.length <= Self.longestChunk else {
      if chunk.isCritical { throw .corrupt("chunk \(chunk.type) of \(chunk.length) bytes") }
      warnings.append("\(chunk.type) of \(chunk.length) bytes left out")
      return try Self.skip(chunk, from: reader)
    }
    let data = try withImageErrors(try reader.read(chunk.length))
    let stored = try withImageErrors(try reader.read(4))
    guard data.count == chunk.length, stored.count == 4 else {
      throw .truncated("the file ends in chunk \(chunk.type)")
    }
    guard Self.checksum(chunk.type, data) == bigEndian32(stored, at: 0) else {
      if chunk.isCritical { throw .corrupt("wrong checksum of chunk \(chunk.type)") }
      if Self.descriptions.contains(chunk.type) { colorsAreDamaged = true }
      warnings.append("\(chunk.type) left out: wrong checksum")
      return
    }
    switch chunk.type {
    case "IHDR": try readSize(data, isFirst: isFirst, limits: limits)
    case "PLTE": try readPalette(data)
    case "tRNS": readTransparency(data)
    default: keep(chunk.type, data, limits: limits)
    }
  }

  /// Takes what a chunk says beside the pixels. Of several that say the same, the first holds.
  private mutating func keep(_ type: String, _ data: [UInt8], limits: Limits) {
    switch type {
    case "iCCP": if metadata.colorProfile == nil { readProfile(data) }
    case "eXIf":
      if metadata.exif == nil {
        metadata.exif =
          data.starts(with: EXIF.jpegPrefix) ? Array(data.dropFirst(EXIF.jpegPrefix.count)) : data
      }
    case "pHYs": readResolution(data)
    case "gAMA": describe(data, 4) { $0.gamma = bigEndian32($1, at: 0) }
    case "sRGB": describe(data, 1) { $0.renderingIntent = $1[0] }
    case "cICP": describe(data, 4) { $0.cicp = $1 }
    case "cHRM":
      describe(data, 32) { description, data in
        description.chromaticities = (0..<8).map { bigEndian32(data, at: 4 * $0) }
      }
    case "acTL": if data.count == 8 { frameCount = Int(bigEndian32(data, at: 0)) }
    default: readText(type, data)
    }
  }

  private mutating func describe(
    _ data: [UInt8], _ count: Int, _ set: (inout ColorDescription, [UInt8]) -> Void
  ) {
    if data.count == count {
      set(&metadata.colorDescription, data)
    } else {
      colorsAreDamaged = true
    }
  }

  static func skip(_ chunk: PNGChunk, from reader: ByteReader) throws(ImageError) {
    var left = chunk.length + 4
    while left > 0 {
      let count = min(left, try withImageErrors(try reader.available()).count)
      if count == 0 { throw .truncated("the file ends in chunk \(chunk.type)") }
      reader.consume(count)
      left -= count
    }
  }
}

func bigEndian32(_ bytes: [UInt8], at index: Int) -> UInt32 {
  UInt32(bytes[index]) << 24 | UInt32(bytes[index + 1]) << 16 | UInt32(bytes[index + 2]) << 8
    | UInt32(bytes[index + 3])
}

func bigEndianBytes(_ value: UInt32) -> [UInt8] {
  [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
}
