import Images

/// What a network over tiles makes of an image: how its pixels become the network's planes, and the planes the
/// result's pixels. Used from several threads at once.
public protocol TileFilter: Sendable {
  /// The layout of the result.
  func output(of input: PixelLayout) -> PixelLayout
  /// What holds of the result of what the input's file said.
  func metadata(_ metadata: Metadata) -> Metadata
  /// How often a tile of such an image goes through the network.
  func passes(of input: PixelLayout) -> Int
  /// Writes the network's input, C × side × side.
  ///
  /// - Returns: false where the pass is not needed; ``skip(_:from:to:)`` then writes the result.
  func fill(
    _ planes: UnsafeMutableBufferPointer<Float>, from tile: TileInput, pass: Int
  ) -> Bool
  /// Writes the result of a pass that is not needed.
  func skip(_ pass: Int, from tile: TileInput, to result: TileOutput)
  /// Writes the result from the network's output.
  func take(
    _ planes: UnsafeBufferPointer<Float>, from tile: TileInput, to result: TileOutput, pass: Int)
}

extension TileFilter {
  public func passes(of input: PixelLayout) -> Int { 1 }
  public func metadata(_ metadata: Metadata) -> Metadata { metadata }
  public func skip(_ pass: Int, from tile: TileInput, to result: TileOutput) {}
}

/// The pixels of a tile with its margin; beyond its edges the image is mirrored, without repeating the edge: noise stays
/// noise there, where repeated pixels would be lines.
public struct TileInput {
  public let layout: PixelLayout
  /// Pixels along a side, with the margin.
  public let side: Int
  /// Pixels around the tile.
  public let margin: Int
  let left: Int
  let top: Int
  /// Rows of the image from `firstRow` on.
  let rows: UnsafeRawPointer
  let firstRow: Int

  /// Writes a channel of a row as numbers 0…1.
  ///
  /// Plain pointers, since it runs over every pixel: every place is one of the image, whose rows around the tile
  /// are in memory. Of the last tiles, rows so far beyond the image that no result depends on them would mirror
  /// rows that are not.
  public func read(row: Int, channel: Int, into target: UnsafeMutablePointer<Float>) {
    let y = max(firstRow, Self.mirrored(top + row, last: layout.height - 1))
    let start = rows + (y - firstRow) * layout.bytesPerRow
    switch layout.sample {
    case .uint8: read(start, as: UInt8.self, channel, into: target) { Float($0) * (1 / 255) }
    case .uint16: read(start, as: UInt16.self, channel, into: target) { Float($0) * (1 / 65535) }
    case .float32: read(start, as: Float.self, channel, into: target) { $0 }
    }
  }

  /// The place from 0 to `last` that a place beyond them mirrors.
  private static func mirrored(_ place: Int, last: Int) -> Int {
    if (0...last).contains(place) { return place }
    guard last > 0 else { return 0 }
    let folded = abs(place) % (2 * last)
    return min(folded, 2 * last - folded)
  }

  @inline(__always)
  private func read<Sample>(
    _ row: UnsafeRawPointer, as: Sample.Type, _ channel: Int,
    into target: UnsafeMutablePointer<Float>, _ number: (Sample) -> Float
  ) {
    let samples = row.assumingMemoryBound(to: Sample.self) + channel
    let (channels, last) = (layout.channels, layout.width - 1)
    let inner = max(0, min(side, -left))..<max(0, min(side, layout.width - left))
    for x in 0..<side where !inner.contains(x) {
      target[x] = number(samples[Self.mirrored(left + x, last: last) * channels])
    }
    let source = samples + left * channels
    for x in inner { target[x] = number(source[x &* channels]) }
  }
}

/// Where the result of a tile goes.
public struct TileOutput {
  public let layout: PixelLayout
  /// Pixels of the result that lie in the image.
  public let width: Int
  public let height: Int
  /// Pixels along a side of the network's output, with the margin.
  public let side: Int
  /// The place of the first pixel of the result in a plane of the network's output.
  public let offset: Int
  /// The first row's first pixel.
  let start: UnsafeMutableRawPointer

  /// Writes a channel of a row from numbers 0…1, clamped and rounded to the nearest.
  ///
  /// Plain pointers, since it runs over every pixel: `width` numbers are read, and as many samples written.
  public func write(row: Int, channel: Int, from values: UnsafePointer<Float>) {
    let row = start + row * layout.bytesPerRow
    let channels = layout.channels
    switch layout.sample {
    case .uint8:
      let samples = row.assumingMemoryBound(to: UInt8.self) + channel
      for x in 0..<width {
        let scaled = values[x] * 255 + 0.5
        // What is no number becomes 0.
        samples[x &* channels] = scaled >= 255 ? 255 : scaled >= 1 ? UInt8(scaled) : 0
      }
    case .uint16:
      let samples = row.assumingMemoryBound(to: UInt16.self) + channel
      for x in 0..<width {
        let scaled = values[x] * 65535 + 0.5
        samples[x &* channels] = scaled >= 65535 ? 65535 : scaled >= 1 ? UInt16(scaled) : 0
      }
    case .float32:
      let samples = row.assumingMemoryBound(to: Float.self) + channel
      for x in 0..<width { samples[x &* channels] = values[x] }
    }
  }
}
