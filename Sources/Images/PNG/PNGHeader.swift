import CCodecs
import Files

/// What a PNG file says before its pixels: all chunks up to the first IDAT.
///
/// PNG Specification (Third Edition), W3C 2025, sections 5 and 11.
struct PNGHeader {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  enum ColorType: UInt8 {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgba = 6

    /// Samples that a pixel has in the file.
    var storedChannels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  var width = 0
  var height = 0
  var bitDepth = 8
  var colorType = ColorType.grey
  var interlaced = false
  /// Red, green and blue of each entry.
  var palette: [UInt8] = []
  /// tRNS: alpha of palette entries, or the one colour that is transparent, two bytes a sample.
  var transparency: [UInt8]?
  var profileName: String?
  var metadata = Metadata()
  var animated = false
  /// sRGB: the samples are sRGB, whatever gAMA says (PNG 11.3.2.5).
  private var isSRGB = false
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
    // Only now, since the two chunks may come in either order.
    if isSRGB { metadata.gamma = nil }
  }

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

  private static let kept: Set<String> = [
    "IHDR", "PLTE", "tRNS", "iCCP", "eXIf", "pHYs", "gAMA", "sRGB", "cICP", "acTL",
  ]

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
    var sum = vision_crc32(0, Array(chunk.type.utf8), 4)
    sum = vision_crc32(sum, data, data.count)
    guard sum == bigEndian32(stored, at: 0) else {
      if chunk.isCritical { throw .corrupt("wrong checksum of chunk \(chunk.type)") }
      warnings.append("\(chunk.type) left out: wrong checksum")
      return
    }
    switch chunk.type {
    case "IHDR": try readSize(data, isFirst: isFirst, limits: limits)
    case "PLTE": try readPalette(data)
    case "tRNS": readTransparency(data)
    case "iCCP": readProfile(data, limits: limits)
    case "eXIf": metadata.exif = data
    case "pHYs": readResolution(data)
    case "gAMA": if data.count == 4 { metadata.gamma = bigEndian32(data, at: 0) }
    case "sRGB": isSRGB = true
    case "cICP": if data.count == 4 { metadata.codePoints = data }
    case "acTL": animated = true
    default: break
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
      throw .corrupt("colour type \(data[9]) does not exist")
    }
    self.colorType = colorType
    bitDepth = Int(data[8])
    let depths: [Int] =
      switch colorType {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAlpha, .rgba: [8, 16]
      }
    guard depths.contains(bitDepth) else {
      throw .corrupt("bit depth \(bitDepth) does not exist for colour type \(colorType.rawValue)")
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
      case .grey: data.count == 2
      case .rgb: data.count == 6
      case .palette: !data.isEmpty && data.count <= palette.count / 3
      case .greyAlpha, .rgba: false
      }
    if fits, transparency == nil {
      transparency = data
    } else {
      warnings.append("tRNS left out: it does not fit the image")
    }
  }

  /// A name, a zero, a zero for deflate, and the compressed profile (PNG 11.3.2.3).
  private mutating func readProfile(_ data: [UInt8], limits: Limits) {
    guard let zero = data.firstIndex(of: 0), (1...79).contains(zero), zero + 2 <= data.count,
      data[zero + 1] == 0,
      let profile = inflate(Array(data[(zero + 2)...]), limit: Self.longestChunk),
      profile.count >= 128
    else {
      warnings.append("colour profile left out: it is damaged")
      return
    }
    metadata.colorProfile = profile
    profileName = String(String.UnicodeScalarView(data[..<zero].map { Unicode.Scalar($0) }))
  }

  /// Pixels per unit across and down, and the unit, 1 for the metre (PNG 11.3.4.3).
  private mutating func readResolution(_ data: [UInt8]) {
    guard data.count == 9, data[8] == 1 else { return }
    let horizontal = bigEndian32(data, at: 0)
    let vertical = bigEndian32(data, at: 4)
    guard horizontal > 0, vertical > 0 else { return }
    metadata.resolution = Resolution(horizontal: Double(horizontal), vertical: Double(vertical))
  }
}

func bigEndian32(_ bytes: [UInt8], at index: Int) -> UInt32 {
  UInt32(bytes[index]) << 24 | UInt32(bytes[index + 1]) << 16 | UInt32(bytes[index + 2]) << 8
    | UInt32(bytes[index + 3])
}

func bigEndianBytes(_ value: UInt32) -> [UInt8] {
  [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
}
