import Images
import LoopInterface

/// Which parts of rows are opaque, a tile of columns at a time.
final class OpaqueTiles {
  static let width = 64
  private let layout: PixelLayout
  private let loops: WeighedLoops
  private let tilesPerRow: Int
  /// For each row that was looked at, at the place of its number modulo `capacity`: 1 where a tile is
  /// opaque.
  private var flags: [UInt8] = []
  private var capacity = 0
  private var seen = 0..<0
  /// Whether the last row that was looked at was opaque.
  private var wasOpaque = true
  /// All of the rows together.
  private var all: [UInt8]

  init(_ layout: PixelLayout, _ loops: WeighedLoops) {
    self.layout = layout
    self.loops = loops
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
    for tile in 0..<tilesPerRow { all[tile] = 1 }
    for row in rows {
      let first = row % capacity * tilesPerRow
      for tile in 0..<tilesPerRow { all[tile] &= flags[first + tile] }
    }
  }

  /// Whether these columns are opaque in all rows.
  func isOpaque(_ columns: Range<Int>) -> Bool {
    (columns.lowerBound / Self.width...(columns.upperBound - 1) / Self.width).allSatisfy {
      all[$0] == 1
    }
  }

  private func mark(_ row: Int, of input: InputRows) {
    // Most rows of most images are opaque, which one look at the whole row tells; a row below another that is not
    // will not be, either.
    let isOpaque = wasOpaque && self.isOpaque(row, 0..<layout.width, of: input)
    wasOpaque = true
    for tile in 0..<tilesPerRow {
      let columns = tile * Self.width..<min(layout.width, (tile + 1) * Self.width)
      let flag = isOpaque || self.isOpaque(row, columns, of: input)
      flags[row % capacity * tilesPerRow + tile] = flag ? 1 : 0
      wasOpaque = wasOpaque && flag
    }
  }

  private func isOpaque(_ row: Int, _ columns: Range<Int>, of input: InputRows) -> Bool {
    let channels = layout.channels
    let first = columns.lowerBound * channels
    return switch layout.sample {
    case .uint8:
      loops.commonAlphaUInt8(input.samples(row, as: UInt8.self) + first, channels, columns.count)
        == .max
    case .uint16:
      loops.commonAlphaUInt16(input.samples(row, as: UInt16.self) + first, channels, columns.count)
        == .max
    case .float32:
      // More than 1 is a weight like any other.
      columns.allSatisfy {
        input.samples(row, as: Float.self)[$0 * channels + channels - 1] == 1
      }
    }
  }
}
