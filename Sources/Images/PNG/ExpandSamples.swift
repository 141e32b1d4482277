/// Turns a row as a PNG stores it into the samples that are handed over: fewer than 8 bits scaled to 8
/// (× 255, 85 or 17), palettes looked up, tRNS made an alpha channel, 16 bits in native order.
struct SampleExpansion {
  private enum Kind {
    case none
    case swap
    case packedGray
    case palette
    case indices
    case keyed
  }

  private let kind: Kind
  private let bitDepth: Int
  private let channels: Int
  /// Red, green, blue and alpha of all 256 indices; black and opaque beyond the palette.
  private let colors: [UInt8]
  /// The transparent color, a sample at a time.
  private let key: [UInt16]
  private let hasAlpha: Bool

  init(_ header: PNGHeader) {
    bitDepth = header.bitDepth
    channels = header.colorType.storedChannels
    hasAlpha = header.transparency != nil
    var colors: [UInt8] = []
    var key: [UInt16] = []
    if header.givesIndices {
      kind = header.bitDepth == 8 ? .none : .indices
    } else if header.colorType == .palette {
      kind = .palette
      colors = (0..<256).flatMap { index -> [UInt8] in
        let color =
          3 * index < header.palette.count ? header.palette[3 * index..<3 * index + 3] : [0, 0, 0]
        let alpha = header.transparency.map { index < $0.count ? $0[index] : 255 } ?? 255
        return Array(color) + [alpha]
      }
    } else if let transparency = header.transparency {
      kind = .keyed
      let mask = UInt16(truncatingIfNeeded: (1 << header.bitDepth) - 1)
      key = (0..<channels).map {
        (UInt16(transparency[2 * $0]) << 8 | UInt16(transparency[2 * $0 + 1])) & mask
      }
    } else if header.bitDepth == 16 {
      kind = .swap
    } else if header.bitDepth < 8 {
      kind = .packedGray
    } else {
      kind = .none
    }
    self.colors = colors
    self.key = key
  }

  /// Whether stored rows are handed over as they are.
  var isIdentity: Bool { kind == .none }

  /// Expands `pixels` pixels. The caller's buffers hold as many stored bits and expanded samples.
  func expand(
    _ stored: UnsafePointer<UInt8>, pixels: Int, into row: UnsafeMutableRawPointer
  ) {
    switch kind {
    case .none:
      row.copyMemory(from: stored, byteCount: pixels * channels)
    case .swap:
      let samples = UnsafeRawPointer(stored)
      for i in 0..<pixels * channels {
        let sample = samples.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
        row.storeBytes(of: UInt16(bigEndian: sample), toByteOffset: 2 * i, as: UInt16.self)
      }
    case .packedGray:
      let row = row.assumingMemoryBound(to: UInt8.self)
      let scale = UInt8(255 / ((1 << bitDepth) - 1))
      for i in 0..<pixels { row[i] = packed(stored, i) &* scale }
    case .indices:
      let row = row.assumingMemoryBound(to: UInt8.self)
      for i in 0..<pixels { row[i] = packed(stored, i) }
    case .palette:
      let row = row.assumingMemoryBound(to: UInt8.self)
      colors.withUnsafeBufferPointer { colors in
        let size = hasAlpha ? 4 : 3
        for i in 0..<pixels {
          let entry = 4 * Int(packed(stored, i))
          for c in 0..<size { row[size * i + c] = colors[entry + c] }
        }
      }
    case .keyed:
      if bitDepth == 16 {
        expandKeyed16(stored, pixels, row)
      } else {
        expandKeyed8(stored, pixels, row.assumingMemoryBound(to: UInt8.self))
      }
    }
  }

  /// Sample `i` of a row with one sample of 1, 2, 4 or 8 bits a pixel; the first in the high bits.
  @inline(__always)
  private func packed(_ stored: UnsafePointer<UInt8>, _ i: Int) -> UInt8 {
    let bit = i &* bitDepth
    let shift = 8 &- bitDepth &- (bit & 7)
    return (stored[bit &>> 3] &>> UInt8(truncatingIfNeeded: shift))
      & UInt8(truncatingIfNeeded: (1 &<< bitDepth) &- 1)
  }

  private func expandKeyed8(
    _ stored: UnsafePointer<UInt8>, _ pixels: Int, _ row: UnsafeMutablePointer<UInt8>
  ) {
    let scale = bitDepth < 8 ? UInt8(255 / ((1 << bitDepth) - 1)) : 1
    for i in 0..<pixels {
      var isKey = true
      for c in 0..<channels {
        let sample = bitDepth < 8 ? packed(stored, i) : stored[channels * i + c]
        if UInt16(sample) != key[c] { isKey = false }
        row[(channels + 1) * i + c] = sample &* scale
      }
      row[(channels + 1) * i + channels] = isKey ? 0 : 255
    }
  }

  private func expandKeyed16(
    _ stored: UnsafePointer<UInt8>, _ pixels: Int, _ row: UnsafeMutableRawPointer
  ) {
    let samples = UnsafeRawPointer(stored)
    for i in 0..<pixels {
      var isKey = true
      for c in 0..<channels {
        let sample = UInt16(
          bigEndian: samples.loadUnaligned(
            fromByteOffset: 2 * (channels * i + c), as: UInt16.self))
        if sample != key[c] { isKey = false }
        row.storeBytes(
          of: sample, toByteOffset: 2 * ((channels + 1) * i + c), as: UInt16.self)
      }
      row.storeBytes(
        of: isKey ? 0 : UInt16.max, toByteOffset: 2 * ((channels + 1) * i + channels),
        as: UInt16.self)
    }
  }
}
