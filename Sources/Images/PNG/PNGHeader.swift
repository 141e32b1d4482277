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
  private var colorsAreDamaged = false
  /// Whether the EXIF block stands behind the image data, where a reader that streams does not see it.
  private(set) var exifFollowsData = false
  /// Bytes of texts, decompressed.
  private var textBytes = 0
  var warnings: [String] = []
  /// The length of the first IDAT chunk.
  var firstDataLength = 0

  /// Bits that a pixel has in the file.
  var bitsPerPixel: Int { bitDepth * colorType.storedChannels }
  /// Bytes of a row of `width` pixels in the file, without its filter byte.
  func storedBytes(pixels: Int) -> Int { (pixels * bitsPerPixel + 7) / 8 }

  /// The layout of the pixels handed over: palettes and tRNS expanded, fewer than 8 bits scaled to 8.
  var layout: PixelLayout {
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
  private static let longestChunk = 8_000_000

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

  private mutating func readSize(
    _ data: [UInt8], isFirst: Bool, limits: Limits
  ) throws(ImageError) {
    guard isFirst, data.count == 13 else { throw .corrupt("bad header (IHDR)") }
    width = Int(bigEndian32(data, at: 0))
    height = Int(bigEndian32(data, at: 4))
    guard width > 0, height > 0, width < 1 << 31, height < 1 << 31 else {
      throw .corrupt("size of \(width) × \(height)")
    }
    guard let colorType = ColorType(rawValue: data[9]) else {
      throw .corrupt("color type \(data[9]) does not exist")
    }
    self.colorType = colorType
    bitDepth = Int(data[8])
    let depths: [Int] =
      switch colorType {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .grayAlpha, .rgba: [8, 16]
      }
    guard depths.contains(bitDepth) else {
      throw .corrupt("bit depth \(bitDepth) does not exist for color type \(colorType.rawValue)")
    }
    guard data[10] == 0 else { throw .corrupt("compression method \(data[10]) does not exist") }
    guard data[11] == 0 else { throw .corrupt("filter method \(data[11]) does not exist") }
    guard data[12] <= 1 else { throw .corrupt("interlace method \(data[12]) does not exist") }
    interlaced = data[12] == 1
    try limits.checkSize(width: width, height: height)
  }

  private mutating func readPalette(_ data: [UInt8]) throws(ImageError) {
    guard colorType == .palette else { return }
    guard palette.isEmpty, !data.isEmpty, data.count % 3 == 0, data.count <= 3 * 256 else {
      throw .corrupt("bad palette (PLTE)")
    }
    palette = data
  }

  private mutating func readTransparency(_ data: [UInt8]) {
    let fits =
      switch colorType {
      case .gray: data.count == 2
      case .rgb: data.count == 6
      case .palette: !data.isEmpty && data.count <= palette.count / 3
      case .grayAlpha, .rgba: false
      }
    if fits, transparency == nil {
      transparency = data
    } else {
      warnings.append("tRNS left out: it does not fit the image")
    }
  }

  /// A name, a zero, a zero for deflate, and the compressed profile (PNG 11.3.2.3).
  private mutating func readProfile(_ data: [UInt8]) {
    guard let zero = data.firstIndex(of: 0), (1...79).contains(zero), zero + 2 <= data.count,
      data[zero + 1] == 0,
      let profile = inflate(Array(data[(zero + 2)...]), limit: Self.longestChunk),
      profile.count >= 128
    else {
      colorsAreDamaged = true
      warnings.append("color profile left out: it is damaged")
      return
    }
    metadata.colorProfile = profile
    profileName = String(String.UnicodeScalarView(data[..<zero].map { Unicode.Scalar($0) }))
  }

  /// Pixels per unit across and down, and the unit, 1 for the meter, 0 for none (PNG 11.3.4.3).
  private mutating func readResolution(_ data: [UInt8]) {
    guard data.count == 9, metadata.resolution == nil, metadata.pixelAspect == nil else { return }
    let (horizontal, vertical) = (bigEndian32(data, at: 0), bigEndian32(data, at: 4))
    guard horizontal > 0, vertical > 0 else { return }
    if data[8] == 1 {
      metadata.resolution = Resolution(horizontal: Double(horizontal), vertical: Double(vertical))
    } else if data[8] == 0 {
      metadata.pixelAspect = PixelAspect(horizontal: horizontal, vertical: vertical)
    }
  }

  /// More bytes of texts than this are not kept.
  private static let mostTextBytes = 16 << 20

  /// tEXt, zTXt and iTXt: a keyword, a zero, and the text, plain or compressed (PNG 11.3.3).
  private mutating func readText(_ type: String, _ data: [UInt8]) {
    guard let text = PNGText(type, data, limit: Self.mostTextBytes - textBytes) else {
      warnings.append("a text (\(type)) left out: it is damaged or too long")
      return
    }
    textBytes += text.bytes.count + text.keyword.utf8.count
    if text.keyword == XMP.keyword {
      if metadata.xmp == nil { metadata.xmp = text.bytes }
    } else if text.keyword.hasPrefix(PNGText.rawProfile) {
      readRawProfile(text)
    } else {
      metadata.texts.append(TextEntry(keyword: text.keyword, text: text.string))
    }
  }

  /// What older programs wrote as hexadecimal digits in a text: EXIF, XMP, and others that are not kept.
  private mutating func readRawProfile(_ text: PNGText) {
    let block = text.rawProfileBytes ?? []
    if block.starts(with: EXIF.jpegPrefix) {
      if metadata.exif == nil { metadata.exif = Array(block.dropFirst(EXIF.jpegPrefix.count)) }
    } else if block.starts(with: XMP.jpegPrefix) {
      if metadata.xmp == nil { metadata.xmp = Array(block.dropFirst(XMP.jpegPrefix.count)) }
    } else if text.keyword == PNGText.rawProfile + "xmp", !block.isEmpty {
      if metadata.xmp == nil { metadata.xmp = block }
    } else if text.keyword == PNGText.rawProfile + "exif", EXIF(block) != nil {
      if metadata.exif == nil { metadata.exif = block }
    } else {
      warnings.append("\(text.keyword.dropFirst(PNGText.rawProfile.count)) in a text left out")
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
