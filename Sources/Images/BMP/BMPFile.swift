import Files

/// A bitmap of Windows or OS/2 (Microsoft, *Bitmap Storage*): 1 to 32 bits a pixel, palettes, bit fields and run lengths.
///
/// Its pixels are RGB, or RGBA where a bit field says what alpha is. Without bit fields the fourth byte of 32 bits is
/// formally unused, but programs store alpha there: it is alpha unless all of them are 0 or all are 255.
struct BMPFile: WholeFile {
  /// Whether this is how a bitmap begins: two letters, and a header of a known size.
  static func begins(_ bytes: some Collection<UInt8>) -> Bool {
    let bytes = Array(bytes.prefix(18))
    return bytes.count == 18 && bytes.starts(with: "BM".utf8) && bytes[15...].allSatisfy { $0 == 0 }
      && [12, 16, 40, 52, 56, 64, 108, 124].contains(bytes[14])
  }

  private(set) var layout: PixelLayout
  private(set) var metadata = Metadata()
  let orientation = Orientation.upright
  private(set) var description: FileDescription
  private(set) var warnings: [String] = []
  private let bytes: [UInt8]
  private let bitsPerPixel: Int
  private let compression: Compression
  private let isTopDown: Bool
  private let dataStart: Int
  /// Blue, green, red of each entry, of 3 or 4 bytes.
  private let palette: (start: Int, entryBytes: Int, count: Int)
  /// Red, green, blue and alpha.
  private let masks: [BitField]

  private enum Compression: Int {
    case none = 0
    case runs8, runs4, bitFields
    case alphaBitFields = 6
  }

  private static let early = "the file ends in its header"

  init(_ bytes: [UInt8]) throws(ImageError) {
    self.bytes = bytes
    var file = FileBytes(bytes, at: 10)
    dataStart = try file.number(4, Self.early)
    let headerBytes = try file.number(4, Self.early)
    let isCore = headerBytes == 12
    guard isCore || (16...(1 << 16)).contains(headerBytes) else {
      throw .unsupported("BMP: a header of \(headerBytes) bytes")
    }
    let size = isCore ? 2 : 4
    let width = try file.number(size, Self.early)
    var height = try file.number(size, Self.early)
    if !isCore { height = Int(Int32(truncatingIfNeeded: height)) }
    isTopDown = height < 0
    height = abs(height)
    guard width > 0, height > 0, width < 1 << 31 else {
      throw .corrupt("size of \(width) × \(height)")
    }
    _ = try file.number(2, Self.early)
    bitsPerPixel = try file.number(2, Self.early)
    let code = headerBytes >= 20 ? try file.number(4, Self.early) : 0
    guard let compression = Compression(rawValue: code),
      [1, 2, 4, 8, 16, 24, 32].contains(bitsPerPixel),
      compression != .runs8 || bitsPerPixel == 8, compression != .runs4 || bitsPerPixel == 4,
      ![.bitFields, .alphaBitFields].contains(compression) || [16, 32].contains(bitsPerPixel)
    else { throw .unsupported("BMP: compression \(code) with \(bitsPerPixel) bits a pixel") }
    self.compression = compression
    let across = FileBytes(bytes).number(at: 38, 4) ?? 0
    let down = FileBytes(bytes).number(at: 42, 4) ?? 0
    if headerBytes >= 40, across > 0, down > 0, across < 1 << 31, down < 1 << 31 {
      metadata.resolution = Resolution(horizontal: Double(across), vertical: Double(down))
    }
    var masks = try Self.masks(bytes, headerBytes, compression, bitsPerPixel)
    if compression == .none, bitsPerPixel == 32,
      Self.fourthByteIsAlpha(bytes, from: dataStart, pixels: width.multipliedSaturating(by: height))
    {
      masks.append(BitField(0xFF00_0000))
    }
    self.masks = masks
    // Bit fields of the old header stand behind it.
    let extra =
      headerBytes == 40
      ? (compression == .bitFields ? 12 : compression == .alphaBitFields ? 16 : 0) : 0
    let told = headerBytes >= 36 ? FileBytes(bytes).number(at: 46, 4) ?? 0 : 0
    let most = bitsPerPixel <= 8 ? 1 << bitsPerPixel : 0
    palette = (14 + headerBytes + extra, isCore ? 3 : 4, told > 0 ? min(told, most) : most)
    layout = PixelLayout(width: width, height: height, channels: masks.count > 3 ? 4 : 3)
    description = FileDescription(
      format: .bmp, colorModel: bitsPerPixel <= 8 ? "palette" : masks.count > 3 ? "RGBA" : "RGB",
      bitDepth: bitsPerPixel <= 8 ? bitsPerPixel : bitsPerPixel == 16 ? 5 : 8)
  }

  private static func masks(
    _ bytes: [UInt8], _ headerBytes: Int, _ compression: Compression, _ bitsPerPixel: Int
  ) throws(ImageError) -> [BitField] {
    guard [.bitFields, .alphaBitFields].contains(compression) else {
      return (bitsPerPixel == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF]).map(
        BitField.init)
    }
    let hasAlpha = compression == .alphaBitFields || headerBytes >= 56
    var fields: [BitField] = []
    for index in 0..<(hasAlpha ? 4 : 3) {
      guard let mask = FileBytes(bytes).number(at: 54 + 4 * index, 4) else {
        throw .truncated(early)
      }
      let field = BitField(mask)
      guard field.isContiguous else { throw .corrupt("a bit field with gaps") }
      if index < 3 || mask != 0 { fields.append(field) }
    }
    return fields
  }

  /// Whether the fourth bytes of the pixels that are there say more than nothing: not all of them are 0, nor all 255.
  private static func fourthByteIsAlpha(_ bytes: [UInt8], from start: Int, pixels: Int) -> Bool {
    let end = min(bytes.count, start.addingSaturating(pixels.multipliedSaturating(by: 4)))
    guard start + 3 < end else { return false }
    let first = bytes[start + 3]
    if first != 0, first != 255 { return true }
    return stride(from: start + 7, to: end, by: 4).contains { bytes[$0] != first }
  }

  /// Where a sample lies in a pixel.
  private struct BitField {
    let shift: Int
    let largest: Int
    let isContiguous: Bool

    init(_ mask: Int) {
      shift = mask == 0 ? 0 : mask.trailingZeroBitCount
      largest = mask >> shift
      isContiguous = largest & (largest + 1) == 0
    }

    /// The sample of a pixel, scaled to 0…255.
    func sample(_ pixel: Int) -> UInt8 {
      largest == 0 ? 0 : UInt8((pixel >> shift & largest) * 255 / largest)
    }
  }

  // MARK: - Pixels

  mutating func decode(_ options: ReadOptions) throws(ImageError) -> Image {
    var image = Image(layout: layout, metadata: metadata)
    do throws(ImageError) {
      switch compression {
      case .runs8, .runs4: try decodeRuns(into: &image, options.cancellation)
      default: try decodeRows(into: &image, options.cancellation)
      }
    } catch {
      guard options.lenient, error != .cancelled else { throw error }
      warnings.append("\(error.reason); the rows from there on are left black")
    }
    return image
  }

  /// The place of a stored row's first byte among the pixels.
  private func start(ofRow row: Int) -> Int {
    (isTopDown ? row : layout.height - 1 - row) * layout.bytesPerRow
  }

  private func decodeRows(
    into image: inout Image, _ cancellation: Cancellation?
  ) throws(ImageError) {
    let rowBytes = (layout.width * bitsPerPixel + 31) / 32 * 4
    let complete = min(layout.height, max(0, bytes.count - dataStart) / rowBytes)
    let colors = bitsPerPixel <= 8 ? paletteColors() : []
    let isPlain = bitsPerPixel == 24
    image.withUnsafeMutableBytes { pixels in
      for row in 0..<complete {
        if cancellation?.isCancelled == true { return }
        let line = dataStart + row * rowBytes
        var target = start(ofRow: row)
        for x in 0..<layout.width {
          if isPlain {
            let place = line + 3 * x
            (pixels[target], pixels[target + 1], pixels[target + 2]) =
              (bytes[place + 2], bytes[place + 1], bytes[place])
          } else if bitsPerPixel <= 8 {
            let bit = x * bitsPerPixel
            let shift = 8 - bitsPerPixel - bit & 7
            let index = Int(bytes[line + bit >> 3]) >> shift & (1 << bitsPerPixel - 1)
            for c in 0..<3 { pixels[target + c] = colors[3 * index + c] }
          } else {
            let place = line + x * bitsPerPixel / 8
            var pixel = Int(bytes[place]) | Int(bytes[place + 1]) << 8
            if bitsPerPixel == 32 {
              pixel |= Int(bytes[place + 2]) << 16 | Int(bytes[place + 3]) << 24
            }
            for (c, field) in masks.enumerated() { pixels[target + c] = field.sample(pixel) }
          }
          target += layout.channels
        }
      }
    }
    try cancellation?.checkImage()
    if complete < layout.height {
      throw .truncated(missingRows(layout.height - complete))
    }
  }

  /// Red, green and blue of all indices; black beyond the palette.
  private func paletteColors() -> [UInt8] {
    (0..<256).flatMap { index -> [UInt8] in
      let place = palette.start + index * palette.entryBytes
      guard index < palette.count, place + 2 < bytes.count else { return [0, 0, 0] }
      return [bytes[place + 2], bytes[place + 1], bytes[place]]
    }
  }

  /// Runs of one or two indices, stretches of indices, and jumps; what is jumped over has index 0.
  private func decodeRuns(
    into image: inout Image, _ cancellation: Cancellation?
  ) throws(ImageError) {
    let colors = paletteColors()
    let isNibbles = compression == .runs4
    var file = FileBytes(bytes, at: dataStart)
    var (x, row) = (0, 0)
    var failure: ImageError?
    image.withUnsafeMutableBytes { pixels in
      for index in 0..<pixels.count { pixels[index] = colors[index % 3] }
      func put(_ index: Int) {
        guard x < layout.width, row < layout.height else { return }
        let target = start(ofRow: row) + x * 3
        for c in 0..<3 { pixels[target + c] = colors[3 * index + c] }
        x += 1
      }
      do throws(ImageError) {
        while row < layout.height {
          let count = try file.number(1, "the file ends in its image data")
          let value = try file.number(1, "the file ends in its image data")
          if count > 0 {
            for i in 0..<count {
              put(isNibbles ? (i % 2 == 0 ? value >> 4 : value & 15) : value)
            }
          } else if value == 0 {
            (x, row) = (0, row + 1)
            try cancellation?.checkImage()
          } else if value == 1 {
            return
          } else if value == 2 {
            x += try file.number(1, "the file ends in its image data")
            row += try file.number(1, "the file ends in its image data")
          } else {
            let data = try file.take(
              isNibbles ? (value + 1) / 2 : value, "the file ends in its image data")
            for i in 0..<value {
              let byte = Int(data[data.startIndex + (isNibbles ? i / 2 : i)])
              put(isNibbles ? (i % 2 == 0 ? byte >> 4 : byte & 15) : byte)
            }
            file.position += data.count % 2
          }
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
