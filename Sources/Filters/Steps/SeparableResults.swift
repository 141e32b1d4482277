import LoopInterface

/// A sum of correlations, each with a column of weights and then with a row of weights, in `Double`.
final class SeparableResults: ResultRows {
  /// The weights of one of them, the same number in both directions.
  struct Term: Sendable {
    let column: [Double]
    let row: [Double]
  }

  private let geometry: WindowGeometry
  private let rows: PaddedRows<Double>
  private let sums: [(vertical: WeightedSum<Double>, horizontal: WeightedSum<Double>)]
  private let columnSums: Scratch<Double>
  private let output: Scratch<Double>
  private let total: Scratch<Double>
  private let count: Int

  init(_ terms: [Term], _ geometry: WindowGeometry, _ loops: LoopTable) {
    self.geometry = geometry
    let (channels, window) = (geometry.input.channels, geometry.rows.window)
    rows = SampleReader(layout: geometry.input, loops: loops).doubleRows(
      geometry, held: window, extendsColumns: true)
    let loop = loops.rows.weightedSumDouble
    sums = terms.map { term in
      (
        WeightedSum(Kernel(term.column.map { [$0] }), channels: channels, zero: 0, loop: loop) {
          $0
        },
        WeightedSum(Kernel([term.row]), channels: channels, zero: 0, loop: loop) { $0 }
      )
    }
    count = rows.count - (window - 1) * channels
    columnSums = Scratch(rows.count, filledWith: 0)
    output = Scratch(count, filledWith: 0)
    total = Scratch(count, filledWith: 0)
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let first = row * geometry.rows.stride - geometry.rows.before
    total.start.update(repeating: 0, count: count)
    for sum in sums {
      sum.vertical.compute(rows.count, into: columnSums.start) {
        rows.row(first + $0, from: input)
      }
      let columnSums = UnsafePointer(columnSums.start)
      sum.horizontal.compute(count, into: output.start) { _ in columnSums }
      for x in 0..<count { total.start[x] += output.start[x] }
    }
    return UnsafePointer(total.start)
  }
}
