import Images

/// A step whose output rows come each from one input row: point operations, and whatever only
/// changes the order of rows or pixels.
struct RowMap: RowStep {
  let input: PixelLayout
  let output: PixelLayout
  /// The input row behind an output row.
  let source: @Sendable (Int) -> Int
  let needsWholeImage: Bool
  /// Makes what computes a row from a row, with memory of its own.
  let makeMap: @Sendable () -> Map

  typealias Map = (_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) -> Void

  /// A point operation: each row from the one at its place.
  ///
  /// - Parameter output: nil: the input's layout.
  init(
    _ input: PixelLayout, _ output: PixelLayout? = nil,
    _ makeMap: @escaping @Sendable () -> Map
  ) {
    self.input = input
    self.output = output ?? input
    source = { $0 }
    needsWholeImage = false
    self.makeMap = makeMap
  }

  /// Rows in another order.
  init(
    _ input: PixelLayout, _ output: PixelLayout, source: @escaping @Sendable (Int) -> Int,
    needsWholeImage: Bool, _ makeMap: @escaping @Sendable () -> Map
  ) {
    self.input = input
    self.output = output
    self.source = source
    self.needsWholeImage = needsWholeImage
    self.makeMap = makeMap
  }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    let (first, last) = (source(rows.lowerBound), source(rows.upperBound - 1))
    return min(first, last)..<max(first, last) + 1
  }

  func makeWorker() -> any RowWorker { Worker(step: self, map: makeMap()) }

  private final class Worker: RowWorker {
    private let step: RowMap
    private let map: Map

    init(step: RowMap, map: @escaping Map) {
      self.step = step
      self.map = map
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      for row in rows {
        map(
          input[step.source(row)], output + (row - rows.lowerBound) * step.output.bytesPerRow)
      }
    }
  }
}
