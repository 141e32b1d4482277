import Files

/// A GIF (CompuServe, *Graphics Interchange Format, Version 89a*, 1990), of which the first image is read.
///
/// Its pixels are RGB, or RGBA where some of them are transparent or lie outside the first image.
struct GIFFile: WholeFile {
  static let signatures = ["GIF87a", "GIF89a"].map { Array($0.utf8) }

  private(set) var layout: PixelLayout
  private(set) var metadata = Metadata()
  let orientation = Orientation.upright
  private(set) var description = FileDescription(format: .gif, colorModel: "palette", bitDepth: 8)
  private(set) var warnings: [String] = []
  private let bytes: [UInt8]
  private var frame = Frame()

  /// The first image: its place on the canvas, colors and compressed data.
  private struct Frame {
    var x = 0
    var y = 0
    var width = 0
    var height = 0
    var colors: ArraySlice<UInt8> = []
    var transparentIndex: Int?
    var dataStart = 0
  }

  private static let early = "the file ends before its first image"

  init(_ bytes: [UInt8]) throws(ImageError) {
    self.bytes = bytes
    var file = FileBytes(bytes, at: 6)
    let width = try file.number(2, Self.early)
    let height = try file.number(2, Self.early)
    let flags = try file.number(1, Self.early)
    let background = try file.take(2, Self.early)
    // A ratio of (n + 15) / 64.
    let aspect = background.last.map(Int.init) ?? 0
    if aspect > 0, aspect != 49 {
      metadata.pixelAspect = PixelAspect(horizontal: 64, vertical: UInt32(aspect + 15))
    }
    guard width > 0, height > 0 else { throw .corrupt("size of \(width) × \(height)") }
    layout = PixelLayout(width: width, height: height, channels: 3)
    let globalColors = try file.colorTable(flags, Self.early)
    var count = 0
    var transparentIndex: Int?
    scan: while let kind = file.number(at: file.position, 1) {
      file.position += 1
      switch kind {
      case 0x2C:
        do throws(ImageError) {
          let found = try readFrame(&file, globalColors, transparentIndex)
          if count == 0 { frame = found }
        } catch {
          guard count > 0 else { throw error }
          break scan
        }
        count += 1
        transparentIndex = nil
        guard file.skipBlocks() else { break scan }
      case 0x21: guard readExtension(&file, count, &transparentIndex) else { break scan }
      default: break scan
      }
    }
    guard count > 0 else { throw .truncated(Self.early) }
    // Some reach beyond the canvas a little; a few bytes must not ask for gigabytes.
    guard frame.width * frame.height <= max(4 * width * height, 1 << 22) else {
      throw .corrupt(
        "an image of \(frame.width) × \(frame.height) on a canvas of \(width) × \(height) pixels")
    }
    description.imageCount = count
    let covers = frame.x == 0 && frame.y == 0 && frame.width >= width && frame.height >= height
    if frame.transparentIndex != nil || !covers { layout.channels = 4 }
  }

  private mutating func readFrame(
    _ file: inout FileBytes, _ globalColors: ArraySlice<UInt8>, _ transparentIndex: Int?
  ) throws(ImageError) -> Frame {
    var frame = Frame()
    frame.x = try file.number(2, Self.early)
    frame.y = try file.number(2, Self.early)
    frame.width = try file.number(2, Self.early)
    frame.height = try file.number(2, Self.early)
    let flags = try file.number(1, Self.early)
    let colors = try file.colorTable(flags, Self.early)
    frame.colors = colors.isEmpty ? globalColors : colors
    frame.transparentIndex = transparentIndex
    frame.dataStart = file.position
    if description.imageCount == 1, self.frame.dataStart == 0 {
      description.isInterlaced = flags & 0x40 != 0
      description.bitDepth = max(1, Self.bits(for: frame.colors.count / 3))
    }
    _ = try file.number(1, Self.early)
    return frame
  }

  private static func bits(for colors: Int) -> Int {
    colors < 2 ? 1 : Int.bitWidth - (colors - 1).leadingZeroBitCount
  }

  /// Blocks up to the empty one, put together; nil where the file ends before it, or they are too long.
  private static func blocks(_ file: inout FileBytes) -> [UInt8]? {
    var result: [UInt8] = []
    while let length = file.number(at: file.position, 1), result.count < 8_000_000 {
      file.position += 1
      if length == 0 { return result }
      guard let data = try? file.take(length, early) else { return nil }
      result += data
    }
    return nil
  }

  private mutating func readExtension(
    _ file: inout FileBytes, _ count: Int, _ transparentIndex: inout Int?
  ) -> Bool {
    guard let label = file.number(at: file.position, 1) else { return false }
    file.position += 1
    switch label {
    case 0xF9:
      if let flags = file.number(at: file.position + 1, 1), flags & 1 != 0 {
        transparentIndex = file.number(at: file.position + 4, 1)
      }
      return file.skipBlocks()
    case 0xFE where metadata.texts.count < 100:
      guard let text = Self.blocks(&file) else { return false }
      metadata.texts.append(
        TextEntry(keyword: TextEntry.comment, text: String(decoding: text, as: UTF8.self)))
      return true
    case 0xFF:
      guard let length = file.number(at: file.position, 1),
        let name = try? { (file: inout FileBytes) throws(ImageError) in
          try file.take(1 + length, Self.early)
        }(&file)
      else { return false }
      return readApplication(String(decoding: name.dropFirst(), as: UTF8.self), &file)
    default: return file.skipBlocks()
    }
  }

  private mutating func readApplication(_ name: String, _ file: inout FileBytes) -> Bool {
    switch name {
    case "ICCRGBG1012" where metadata.colorProfile == nil:
      guard let profile = Self.blocks(&file) else { return false }
      metadata.colorProfile = profile.count >= 128 ? profile : nil
      return true
    case "XMP DataXMP" where metadata.xmp == nil:
      // The packet lies there as it is; a trailer of 258 bytes makes blocks of any place that a reader skips from.
      let start = file.position
      guard file.skipBlocks() else { return false }
      let packet = bytes[start..<file.position]
      if packet.count > 258 { metadata.xmp = Array(packet.dropLast(258)) }
      return true
    default: return file.skipBlocks()
    }
  }

  // MARK: - Pixels

  mutating func decode(_ options: ReadOptions) throws(ImageError) -> Image {
    var indices = [UInt8](repeating: 0, count: frame.width * frame.height)
    let done = try decodeIndices(into: &indices, options)
    var image = Image(layout: layout, metadata: metadata)
    let rows = Self.rowOrder(frame.height, interlaced: description.isInterlaced)
    let colors =
      Array(frame.colors) + [UInt8](repeating: 0, count: max(0, 768 - frame.colors.count))
    let (frame, layout) = (frame, layout)
    image.withUnsafeMutableBytes { pixels in
      for (stored, row) in rows.enumerated() {
        let y = frame.y + row
        guard y < layout.height else { continue }
        if options.cancellation?.isCancelled == true { return }
        for column in 0..<min(frame.width, max(0, layout.width - frame.x)) {
          let place = stored * frame.width + column
          guard place < done else { return }
          let index = Int(indices[place])
          let target = y * layout.bytesPerRow + (frame.x + column) * layout.channels
          if index == frame.transparentIndex { continue }
          for c in 0..<3 { pixels[target + c] = colors[3 * index + c] }
          if layout.channels == 4 { pixels[target + 3] = 255 }
        }
      }
    }
    try options.cancellation?.checkImage()
    return image
  }

  /// The rows in the order in which they are stored.
  private static func rowOrder(_ height: Int, interlaced: Bool) -> [Int] {
    guard interlaced else { return Array(0..<height) }
    return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap {
      Array(stride(from: $0.0, to: height, by: $0.1))
    }
  }

  /// Undoes the compression by Lempel, Ziv and Welch; returns how many pixels came.
  private mutating func decodeIndices(
    into indices: inout [UInt8], _ options: ReadOptions
  ) throws(ImageError) -> Int {
    var decoder: LZWDecoder
    do throws(ImageError) { decoder = try LZWDecoder(bytes, at: frame.dataStart) } catch {
      guard options.lenient else { throw error }
      warnings.append("\(error.reason); the pixels from there on are left black")
      return 0
    }
    var done = 0
    do throws(ImageError) {
      try decoder.decode(into: &indices, done: &done, options.cancellation)
    } catch {
      guard options.lenient, error != .cancelled else { throw error }
      warnings.append("\(error.reason); the pixels from there on are left black")
    }
    return done
  }
}
