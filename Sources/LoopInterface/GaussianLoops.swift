/// Loops of the separable Gaussian blur on 8-bit samples, in `Float`: along the rows, then down the
/// columns of their sums.
///
/// A row is cut into as many segments as a register has lanes, and each segment has a lane: vector i holds
/// sample i of every segment, so that neighbors in a row are as simply added as those in a column. All
/// vectors lie on multiples of their size. Products and sums are rounded as one.
package struct GaussianLoops: Sendable {
  /// Outputs that are computed together, along a row and down the columns.
  package static let rowsAtATime = 4

  /// Segments of a row.
  package var segments: Int
  /// `sums[i] = weights[0] · x[i] + Σ weights[k] · (x[i − k·step] + x[i + k·step])` for k = 1…`pairs`, summed in
  /// this order, for the `length` samples of each segment. `samples` are those of the row with
  /// `pairs` · `step` more on both sides and 16 after them.
  ///
  /// `numbers` is memory for ``numbersCount(length:reach:)`` floats.
  package var row:
    @Sendable (
      _ samples: UnsafePointer<UInt8>, _ step: Int, _ weights: UnsafePointer<Float>, _ pairs: Int,
      _ length: Int, _ numbers: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  /// The same down the columns of 2 · `pairs` + ``rowsAtATime`` rows of sums, rounded half to even:
  /// `count` samples for each of the ``rowsAtATime`` outputs.
  package var columns:
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ pairs: Int,
      _ length: Int, _ count: Int, _ outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>
    ) -> Void

  package init(
    segments: Int,
    row:
      @escaping @Sendable (
        UnsafePointer<UInt8>, Int, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>,
        UnsafeMutablePointer<Float>
      ) -> Void,
    columns:
      @escaping @Sendable (
        UnsafePointer<UnsafePointer<Float>>, UnsafePointer<Float>, Int, Int, Int,
        UnsafePointer<UnsafeMutablePointer<UInt8>>
      ) -> Void
  ) {
    self.segments = segments
    self.row = row
    self.columns = columns
  }

  /// Samples in each segment of a row: whole groups of ``rowsAtATime`` pixels.
  package func segmentLength(columns: Int, channels: Int) -> Int {
    let pixels = segments * Self.rowsAtATime
    return (columns + pixels - 1) / pixels * Self.rowsAtATime * channels
  }

  /// Floats that ``row`` needs besides, for windows that reach so many samples to each side.
  package func numbersCount(length: Int, reach: Int) -> Int {
    (length + 2 * reach + 15) / 16 * 16 * segments
  }
}
