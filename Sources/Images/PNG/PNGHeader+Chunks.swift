import CCodecs
import Files

/// What each kind of chunk says.
extension PNGHeader {
  mutating func readSize(
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

  mutating func readPalette(_ data: [UInt8]) throws(ImageError) {
    guard colorType == .palette else { return }
    guard palette.isEmpty, !data.isEmpty, data.count % 3 == 0, data.count <= 3 * 256 else {
      throw .corrupt("bad palette (PLTE)")
    }
    palette = data
  }

  mutating func readTransparency(_ data: [UInt8]) {
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
  mutating func readProfile(_ data: [UInt8]) {
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
  mutating func readResolution(_ data: [UInt8]) {
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
  mutating func readText(_ type: String, _ data: [UInt8]) {
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
  mutating func readRawProfile(_ text: PNGText) {
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
