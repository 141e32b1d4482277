import LoopInterface

/// The largest sample of every window.
final class MaximumResults: ResultRows {
  private let geometry: WindowGeometry
  private let loops: LoopTable
  private let rows: PaddedRows<Double>
  private let columnMaxima: Scratch<Double>
  private let doubling: RowDoubling

  init(_ geometry: WindowGeometry, _ loops: LoopTable) {
    self.geometry = geometry
    self.loops = loops
    rows = SampleReader(layout: geometry.input, loops: loops).doubleRows(
      geometry, held: 1, extendsColumns: true)
    columnMaxima = Scratch(rows.count, filledWith: 0)
    doubling = RowDoubling(
      window: geometry.columns.window, channels: geometry.input.channels, count: rows.count,
      overlaps: true, combine: loops.rows.maximum)
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let first = row * geometry.rows.stride - geometry.rows.before
    columnMaxima.start.update(from: rows.row(first, from: input), count: rows.count)
    for index in 1..<max(1, geometry.rows.window) {
      loops.rows.maximum(
        columnMaxima.start, rows.row(first + index, from: input), rows.count, columnMaxima.start)
    }
    return doubling.windows(of: UnsafePointer(columnMaxima.start))
  }
}
