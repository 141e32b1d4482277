import LoopInterface

/// The sum of every window, of any size, at a cost that hardly grows with it.
///
/// Column sums slide downwards (a row comes in, a row goes out); a float image's are summed anew for
/// each row, since differences of rounded sums would drift. Sums along the row double: of 1, 2, 4 …
/// columns, and the window is put together from those.
final class BoxResults: ResultRows {
  private let geometry: WindowGeometry
  private let loops: LoopTable
  private let constant: Double
  private let rows: PaddedRows<Double>
  /// Sums of the columns, extended by the border on both sides.
  private let columnSums: Scratch<Double>
  private let insidePlace: Int
  private let extensionMap: ExtensionMap
  private let doubling: RowDoubling
  private let slides: Bool
  private var lastRow: Int?

  /// - Parameter isExact: whether sums of these samples are, as those of integers; nil: by their type.
  init(_ geometry: WindowGeometry, _ loops: LoopTable, isExact: Bool? = nil) {
    self.geometry = geometry
    self.loops = loops
    let reader = SampleReader(layout: geometry.input, loops: loops)
    constant = reader.borderValue(geometry.border)
    rows = reader.doubleRows(geometry, held: 1, extendsColumns: false)
    extensionMap = ExtensionMap(geometry)
    let (columns, channels) = (geometry.columns, geometry.input.channels)
    insidePlace = columns.before * channels
    columnSums = Scratch(
      (columns.before + geometry.input.width + columns.after) * channels,
      filledWith: constant * Double(geometry.rows.window))
    doubling = RowDoubling(
      window: columns.window, channels: channels, count: columnSums.count, overlaps: false,
      combine: loops.rows.sum)
    slides = (isExact ?? (geometry.input.sample != .float32)) && geometry.rows.stride == 1
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let first = row * geometry.rows.stride - geometry.rows.before
    let window = geometry.rows.window
    let inside = columnSums.start + insidePlace
    if slides, let lastRow, lastRow + 1 == row {
      let leaving = rows.row(first - 1, from: input)
      loops.rows.difference(inside, leaving, rows.count, inside)
      let entering = rows.row(first + window - 1, from: input)
      loops.rows.sum(inside, entering, rows.count, inside)
    } else {
      sumRows(from: first, of: input, into: inside)
    }
    lastRow = row
    extensionMap.extend(columnSums.start)
    return doubling.windows(of: UnsafePointer(columnSums.start))
  }

  /// Sums the rows of a window, each times as often as it stands there.
  private func sumRows(
    from first: Int, of input: InputRows, into sums: UnsafeMutablePointer<Double>
  ) {
    let (window, height) = (geometry.rows.window, geometry.input.height)
    guard window > height else {
      sums.update(from: rows.row(first, from: input), count: rows.count)
      for row in first + 1..<first + max(1, window) {
        loops.rows.sum(sums, rows.row(row, from: input), rows.count, sums)
      }
      return
    }
    // The image's rows come again and again, or the last place's constant does.
    var times = Array(repeating: 0, count: height + 1)
    for row in first..<first + window {
      times[geometry.border.source(of: row, count: height) ?? height] += 1
    }
    sums.update(repeating: constant * Double(times[height]), count: rows.count)
    for row in 0..<height where times[row] > 0 {
      let (samples, weight) = (rows.row(row, from: input), Double(times[row]))
      for x in 0..<rows.count { sums[x] += weight * samples[x] }
    }
  }
}
