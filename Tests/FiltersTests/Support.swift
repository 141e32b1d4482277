import Filters
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
  /// An image from its samples as numbers, row by row.
  init(_ layout: PixelLayout, _ samples: [Double]) {
    precondition(samples.count == layout.samplesPerRow * layout.height)
    self.init(layout: layout)
    withUnsafeMutableBytes { bytes in
      switch layout.sample {
      case .uint8:
        for (x, sample) in samples.enumerated() { bytes[x] = UInt8(sample) }
      case .uint16:
        let place = bytes.bindMemory(to: UInt16.self)
        for (x, sample) in samples.enumerated() { place[x] = UInt16(sample) }
      case .float32:
        let place = bytes.bindMemory(to: Float.self)
        for (x, sample) in samples.enumerated() { place[x] = Float(sample) }
      }
    }
  }

  /// A gray image of 8-bit samples.
  init(gray rows: [[Double]], sample: SampleType = .uint8) {
    self.init(
      PixelLayout(width: rows[0].count, height: rows.count, channels: 1, sample: sample),
      rows.flatMap { $0 })
  }

  /// An image of random samples: anything for integers, −1…2 for float.
  static func random(_ layout: PixelLayout, seed: UInt64) -> Image {
    var generator = SeededGenerator(seed)
    return Image(
      layout,
      (0..<layout.samplesPerRow * layout.height).map { _ in
        switch layout.sample {
        case .uint8: Double(UInt8.random(in: .min ... .max, using: &generator))
        case .uint16: Double(UInt16.random(in: .min ... .max, using: &generator))
        case .float32: Double(Float.random(in: -1...2, using: &generator))
        }
      })
  }

  /// The samples as numbers, row by row.
  var samples: [Double] {
    withUnsafeBytes { bytes in
      switch layout.sample {
      case .uint8: bytes.map { Double($0) }
      case .uint16: bytes.bindMemory(to: UInt16.self).map { Double($0) }
      case .float32: bytes.bindMemory(to: Float.self).map { Double($0) }
      }
    }
  }

  /// The rows of samples.
  var rows: [[Double]] {
    let all = samples
    return (0..<height).map {
      Array(all[$0 * layout.samplesPerRow..<($0 + 1) * layout.samplesPerRow])
    }
  }
}

/// An image as a stream.
final class ImageSource: RowSource {
  let layout: PixelLayout
  let metadata: Metadata
  private let image: Image
  private var done = 0

  init(_ image: Image) {
    self.image = image
    layout = image.layout
    metadata = image.metadata
  }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    let now = min(count, layout.height - done)
    image.withUnsafeBytes { bytes in
      guard now > 0, let base = bytes.baseAddress else { return }
      rows.copyMemory(
        from: base + done * layout.bytesPerRow, byteCount: now * layout.bytesPerRow)
    }
    done += now
    return now
  }
}

/// All rows of a stream, read so many at a time.
func collect(_ source: any RowSource, rowsAtATime: Int = 7) throws -> Image {
  var image = Image(layout: source.layout, metadata: source.metadata)
  try image.withUnsafeMutableBytes { bytes in
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while true {
      let got = try source.read(rowsAtATime, into: base + done * source.layout.bytesPerRow)
      if got == 0 { break }
      done += got
    }
    precondition(done == source.layout.height)
  }
  return image
}
