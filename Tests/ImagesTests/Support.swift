import Foundation
import Images

/// Random numbers that are the same at every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension Image {
  /// Noise: the hardest thing to compress.
  static func noise(_ layout: PixelLayout, seed: UInt64 = 1) -> Image {
    var generator = SeededGenerator(seed)
    return Image(
      layout: layout,
      bytes: (0..<layout.byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  /// Soft gradients with a little noise, like a photo.
  static func photo(_ layout: PixelLayout, seed: UInt64 = 1) -> Image {
    var generator = SeededGenerator(seed)
    let scale = layout.sample == .uint16 ? 257.0 : 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(layout.byteCount)
    for y in 0..<layout.height {
      for x in 0..<layout.width {
        for c in 0..<layout.channels {
          let wave = 120 + 60 * sin(Double(x) / 17 + Double(c)) + 50 * cos(Double(y) / 23)
          let value = (wave + Double.random(in: -4...4, using: &generator)) * scale
          if layout.sample == .uint16 {
            Swift.withUnsafeBytes(of: UInt16(value)) { bytes += $0 }
          } else {
            bytes.append(UInt8(value))
          }
        }
      }
    }
    return Image(layout: layout, bytes: bytes)
  }

  /// A window with a title, buttons and lines of "text" on flat colors.
  static func screenshot(width: Int, height: Int) -> Image {
    var bytes = [UInt8](repeating: 240, count: width * height * 3)
    func fill(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int, _ color: [UInt8]) {
      for y in max(0, top)..<min(bottom, height) {
        for x in max(0, left)..<min(right, width) {
          for c in 0..<3 { bytes[(y * width + x) * 3 + c] = color[c] }
        }
      }
    }
    var generator = SeededGenerator(7)
    fill(0, 0, width, 28, [40, 60, 90])
    fill(0, 28, 180, height, [225, 228, 232])
    for line in stride(from: 50, to: height - 20, by: 18) {
      var x = 200
      while x < width - 60 {
        let glyph = Int.random(in: 0...9, using: &generator)
        for bit in 0..<6 where (glyph * 37 + bit * 11) & 3 != 0 {
          fill(x + bit, line + bit % 3 * 3, x + bit + 1, line + 10 - bit % 2 * 3, [30, 30, 34])
        }
        x += Int.random(in: 7...9, using: &generator)
      }
    }
    return Image(layout: PixelLayout(width: width, height: height, channels: 3), bytes: bytes)
  }

  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

  /// The value of each sample.
  var samples: [Int] {
    withUnsafeBytes { bytes in
      layout.sample == .uint8
        ? bytes.map(Int.init) : Array(bytes.bindMemory(to: UInt16.self)).map(Int.init)
    }
  }
}

/// The least fixture that libpng and libjpeg made; see `make_fixtures.py` beside it.
func fixture(_ name: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  return Array(try Data(contentsOf: folder.appending(path: name)))
}

/// Builds PNG files by hand, chunk by chunk.
struct PNGBuilder {
  var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  mutating func add(_ type: String, _ data: [UInt8], checksum: UInt32? = nil) {
    let body = Array(type.utf8) + data
    bytes += Self.bigEndian(data.count) + body
    bytes += Self.bigEndian(Int(checksum ?? Self.crc32(body)))
  }

  mutating func addHeader(
    width: Int, height: Int, depth: UInt8 = 8, colorType: UInt8 = 0, interlace: UInt8 = 0
  ) {
    add(
      "IHDR", Self.bigEndian(width) + Self.bigEndian(height) + [depth, colorType, 0, 0, interlace])
  }

  /// Rows with their filter bytes, as one stored deflate block.
  mutating func addData(_ rows: [UInt8]) {
    add("IDAT", Self.zlib(rows))
    add("IEND", [])
  }

  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    let count = bytes.count
    return [
      0x78, 0x01, 1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255),
      UInt8(~count >> 8 & 255),
    ]
      + bytes + bigEndian(Int(adler32(bytes)))
  }

  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }

  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
  }
}

/// The error that `body` throws.
func failure(_ body: () throws -> Void) -> ImageError? {
  do {
    try body()
    return nil
  } catch {
    return error as? ImageError
  }
}
