import Images

/// Which parts of rows are opaque, a tile of columns at a time.
final class OpaqueTiles {
  static let width = 64
  private let layout: PixelLayout
  private let tilesPerRow: Int
  /// For each row that was looked at, at the place of its number modulo `capacity`: 1 where a tile is
  /// opaque.
  private var flags: [UInt8] = []
  private var capacity = 0
  private var seen = 0..<0
  /// All of the rows together.
  private var all: [UInt8]

  init(_ layout: PixelLayout) {
    self.layout = layout
    tilesPerRow = (layout.width + Self.width - 1) / Self.width
    all = Array(repeating: 1, count: tilesPerRow)
  }

  /// Takes these rows as those that are asked about.
  func look(at rows: Range<Int>, of input: InputRows) {
    if rows.count > capacity {
      capacity = rows.count + 32
      flags = Array(repeating: 1, count: capacity * tilesPerRow)
      seen = rows.lowerBound..<rows.lowerBound
    }
    let known = rows.clamped(to: seen)
    for row in rows where !known.contains(row) { mark(row, of: input) }
    seen = rows
    for tile in 0..<tilesPerRow {
      var flag: UInt8 = 1
      for row in rows { flag &= flags[row % capacity * tilesPerRow + tile] }
      all[tile] = flag
    }
  }

  /// Whether these columns are opaque in all rows.
  func isOpaque(_ columns: Range<Int>) -> Bool {
    (columns.lowerBound / Self.width...(columns.upperBound - 1) / Self.width).allSatisfy {
      all[$0] == 1
    }
  }

  private func mark(_ row: Int, of input: InputRows) {
    let channels = layout.channels
    for tile in 0..<tilesPerRow {
      let columns = tile * Self.width..<min(layout.width, (tile + 1) * Self.width)
      let isOpaque =
        switch layout.sample {
        case .uint8: lowest(input.samples(row, as: UInt8.self), columns, channels) == .max
        case .uint16: lowest(input.samples(row, as: UInt16.self), columns, channels) == .max
        case .float32:
          // More than 1 is a weight like any other.
          columns.allSatisfy {
            input.samples(row, as: Float.self)[$0 * channels + channels - 1] == 1
          }
        }
      flags[row % capacity * tilesPerRow + tile] = isOpaque ? 1 : 0
    }
  }

  /// The bits that all alphas have.
  @inline(__always)
  private func lowest<Sample: FixedWidthInteger>(
    _ row: UnsafePointer<Sample>, _ columns: Range<Int>, _ channels: Int
  ) -> Sample {
    var bits = Sample.max
    if channels == 4 {
      for x in columns { bits &= row[4 &* x &+ 3] }
    } else {
      for x in columns { bits &= row[2 &* x &+ 1] }
    }
    return bits
  }
}
