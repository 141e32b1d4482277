/// Loops that take the smallest or largest sample of several rows.
package struct ExtremeLoops: Sendable {
  /// `output[x]`: the extreme of `rows[r][x]` over the `rowCount` ≥ 1 rows.
  package typealias Rows<Sample> =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Sample>>, _ rowCount: Int, _ count: Int,
      _ output: UnsafeMutablePointer<Sample>
    ) -> Void

  /// The extremes under a rectangle in two rows of the output, from ``RectangleRows``.
  package typealias Rectangle<Sample> = @Sendable (_ rows: RectangleRows<Sample>) -> Void

  package var minimumUInt8: Rows<UInt8>
  package var minimumUInt16: Rows<UInt16>
  package var minimumFloat: Rows<Float>
  package var maximumUInt8: Rows<UInt8>
  package var maximumUInt16: Rows<UInt16>
  package var maximumFloat: Rows<Float>
  package var rectangleMinimumUInt8: Rectangle<UInt8>
  package var rectangleMinimumUInt16: Rectangle<UInt16>
  package var rectangleMaximumUInt8: Rectangle<UInt8>
  package var rectangleMaximumUInt16: Rectangle<UInt16>

  /// The most samples that a rectangle's other columns may reach over: its columns but one, times channels.
  package static let rectangleReach = 64

  package init(
    minimumUInt8: @escaping Rows<UInt8>, minimumUInt16: @escaping Rows<UInt16>,
    minimumFloat: @escaping Rows<Float>, maximumUInt8: @escaping Rows<UInt8>,
    maximumUInt16: @escaping Rows<UInt16>, maximumFloat: @escaping Rows<Float>,
    rectangleMinimumUInt8: @escaping Rectangle<UInt8>,
    rectangleMinimumUInt16: @escaping Rectangle<UInt16>,
    rectangleMaximumUInt8: @escaping Rectangle<UInt8>,
    rectangleMaximumUInt16: @escaping Rectangle<UInt16>
  ) {
    self.minimumUInt8 = minimumUInt8
    self.minimumUInt16 = minimumUInt16
    self.minimumFloat = minimumFloat
    self.maximumUInt8 = maximumUInt8
    self.maximumUInt16 = maximumUInt16
    self.maximumFloat = maximumFloat
    self.rectangleMinimumUInt8 = rectangleMinimumUInt8
    self.rectangleMinimumUInt16 = rectangleMinimumUInt16
    self.rectangleMaximumUInt8 = rectangleMaximumUInt8
    self.rectangleMaximumUInt16 = rectangleMaximumUInt16
  }
}

/// Two neighboring rows of results under a rectangle, and the input's rows that they are made from.
package struct RectangleRows<Sample> {
  /// The row that only the upper windows lie over, those that both do, and the one that only the lower do;
  /// at least two. A row may be there more than once.
  package var rows: UnsafePointer<UnsafePointer<Sample>>
  package var rowCount: Int
  /// Samples of a row.
  package var count: Int
  /// Samples from one pixel to the next.
  package var step: Int
  /// Columns of the rectangle, of which `before` lie to the left of the anchor.
  package var columns: Int
  package var before: Int
  /// Takes `count` samples each.
  package var upper: UnsafeMutablePointer<Sample>
  package var lower: UnsafeMutablePointer<Sample>

  package init(
    rows: UnsafePointer<UnsafePointer<Sample>>, rowCount: Int, count: Int, step: Int, columns: Int,
    before: Int, upper: UnsafeMutablePointer<Sample>, lower: UnsafeMutablePointer<Sample>
  ) {
    self.rows = rows
    self.rowCount = rowCount
    self.count = count
    self.step = step
    self.columns = columns
    self.before = before
    self.upper = upper
    self.lower = lower
  }
}
