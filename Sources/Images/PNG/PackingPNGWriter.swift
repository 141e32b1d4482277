import Files

/// How pixels are packed to fewer bits than a byte a sample.
struct PNGPacking {
  /// Pixels in a row.
  let width: Int
  /// Bits of a gray sample or of a palette's index.
  let bitDepth: Int
  /// Nil for gray.
  var palette: (colors: [UInt8], alpha: [UInt8])?
}

/// Encodes a PNG with a palette or with fewer bits, where that loses nothing and makes the file smaller, otherwise as
/// ``PNGWriter`` does.
///
/// Rows are held back as long as all of them could be packed: a photo is known by its first.
final class PackingPNGWriter: RowSink {
  private let sink: any ByteSink
  private let layout: PixelLayout
  private let metadata: Metadata
  private let options: WriteOptions
  private var held: [UInt8] = []
  private var rowsTaken = 0
  private var colors: PNGColors
  /// What takes the rows once they cannot be packed.
  private var plain: PNGWriter?

  private static let mostPixels = 4_000_000

  /// Whether an image could be packed at all: of 8 bits, gray or in colors, and not too large to be held.
  static func canTake(_ layout: PixelLayout, _ options: WriteOptions) -> Bool {
    options.packsPixels && layout.sample == .uint8 && layout.channels != 2 && layout.width > 0
      && layout.height > 0 && layout.width.multipliedSaturating(by: layout.height) <= mostPixels
  }

  init(to sink: any ByteSink, layout: PixelLayout, metadata: Metadata, options: WriteOptions) {
    self.sink = sink
    self.layout = layout
    self.metadata = metadata
    self.options = options
    colors = PNGColors(channels: layout.channels)
  }

  func write(_ count: Int, from rows: UnsafeRawPointer) throws(ImageError) {
    if let plain { return try plain.write(count, from: rows) }
    guard count <= layout.height - rowsTaken else {
      throw .invalidRequest("more rows than the image has")
    }
    rowsTaken += count
    let bytes = UnsafeRawBufferPointer(start: rows, count: count * layout.bytesPerRow)
    held.append(contentsOf: bytes)
    if !colors.add(bytes) {
      let writer = try plainWriter(to: sink)
      plain = writer
      try Self.write(held, rowsTaken, to: writer)
      held = []
    }
  }

  func finish() throws(ImageError) {
    if let plain { return try plain.finish() }
    guard rowsTaken == layout.height else {
      throw .invalidRequest("\(rowsTaken) of \(layout.height) rows were written")
    }
    let files = try [packed(), unpacked()]
    let file = files[0].count < files[1].count ? files[0] : files[1]
    try withImageErrors(try sink.write(file))
  }

  private func plainWriter(to sink: any ByteSink) throws(ImageError) -> PNGWriter {
    try PNGWriter(to: sink, layout: layout, metadata: metadata, options: options)
  }

  private func unpacked() throws(ImageError) -> [UInt8] {
    let memory = MemorySink()
    let writer = try plainWriter(to: memory)
    try Self.write(held, rowsTaken, to: writer)
    try writer.finish()
    return memory.bytes
  }

  private func packed() throws(ImageError) -> [UInt8] {
    let packing = colors.packing(width: layout.width)
    let rowBytes = (layout.width * packing.bitDepth + 7) / 8
    let memory = MemorySink()
    let writer = try PNGWriter(
      to: memory, layout: PixelLayout(width: rowBytes, height: layout.height, channels: 1),
      metadata: metadata, options: options, packing: packing)
    try Self.write(
      colors.pack(held, width: layout.width, rowBytes: rowBytes), rowsTaken, to: writer)
    try writer.finish()
    return memory.bytes
  }

  private static func write(_ rows: [UInt8], _ count: Int, to writer: PNGWriter) throws(ImageError)
  {
    let result: Result<Void, ImageError> = rows.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return .success(()) }
      do throws(ImageError) { return .success(try writer.write(count, from: start)) } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}

/// The colors of an image as they come: gray levels that fewer bits hold, or at most 256 colors.
struct PNGColors {
  private let channels: Int
  /// Of gray: the bits that its levels take so far.
  private var bits = 1
  /// The colors in the order in which they came; red in the low byte, alpha in the high one.
  private var palette: [UInt32] = []
  private var indices: [UInt32: UInt8] = [:]

  init(channels: Int) { self.channels = channels }

  /// The bits that each gray level takes: levels of 1, 2 and 4 bits are 255, 85 and 17 apart.
  private static let bitsOfLevel: [UInt8] = (0..<256).map { level in
    level % 255 == 0 ? 1 : level % 85 == 0 ? 2 : level % 17 == 0 ? 4 : 8
  }

  /// Whether the pixels so far, these included, can be packed.
  mutating func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if channels == 1 {
      for level in bytes { bits = max(bits, Int(Self.bitsOfLevel[Int(level)])) }
      return bits < 8
    }
    var last: UInt32?
    for start in stride(from: 0, to: bytes.count, by: channels) {
      let color = Self.color(bytes, start, channels)
      if color == last { continue }
      last = color
      if indices[color] == nil {
        guard palette.count < 256 else { return false }
        indices[color] = UInt8(palette.count)
        palette.append(color)
      }
    }
    return true
  }

  @inline(__always)
  private static func color(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ channels: Int)
    -> UInt32
  {
    let rgb = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
    return channels == 4 ? rgb | UInt32(bytes[start + 3]) << 24 : rgb
  }

  /// The fewest bits that hold all levels or colors.
  func packing(width: Int) -> PNGPacking {
    guard channels > 1 else { return PNGPacking(width: width, bitDepth: bits) }
    let depth = palette.count <= 2 ? 1 : palette.count <= 4 ? 2 : palette.count <= 16 ? 4 : 8
    func bytes(_ shifts: [UInt32]) -> [UInt8] {
      palette.flatMap { color in shifts.map { UInt8(truncatingIfNeeded: color >> $0) } }
    }
    var alpha = channels == 4 ? bytes([24]) : []
    // Opaque entries at the end are understood; one entry says that there is alpha at all.
    while alpha.count > 1, alpha.last == 255 { alpha.removeLast() }
    return PNGPacking(width: width, bitDepth: depth, palette: (bytes([0, 8, 16]), alpha))
  }

  /// The pixels in as few bits, the first in the high ones, each row from a new byte on.
  func pack(_ pixels: [UInt8], width: Int, rowBytes: Int) -> [UInt8] {
    let depth = packing(width: width).bitDepth
    let rows = pixels.count / (width * channels)
    var packed = [UInt8](repeating: 0, count: rows * rowBytes)
    let scale = UInt8(255 / (1 << depth - 1))
    pixels.withUnsafeBytes { pixels in
      var last: (color: UInt32, index: UInt8)?
      for row in 0..<rows {
        for x in 0..<width {
          let start = (row * width + x) * channels
          let value: UInt8
          if channels == 1 {
            value = pixels[start] / scale
          } else {
            let color = Self.color(pixels, start, channels)
            if let last, last.color == color {
              value = last.index
            } else {
              value = indices[color] ?? 0
              last = (color, value)
            }
          }
          let bit = x * depth
          packed[row * rowBytes + bit / 8] |= value << UInt8(8 - depth - bit % 8)
        }
      }
    }
    return packed
  }
}
