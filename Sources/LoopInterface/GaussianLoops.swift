/// Loops of the separable Gaussian blur on 8-bit samples, in `Float`: along the rows, then down the
/// columns of their sums.
///
/// The sums lie in blocks of 64 samples, in each block first those of the samples 0, 4, 8 …, then
/// those of 1, 5, 9 …, then 2, 6, 10 … and 3, 7, 11 …: words of four samples come apart and together
/// again without anything moving from lane to lane.
package struct GaussianLoops: Sendable {
  /// Samples in a block.
  package static let blockLength = 64
  /// Rows that one call of ``columns`` gives: neighbours share nearly all of the rows they read.
  package static let rowsAtATime = 4

  /// `sums[x] = weights[0] · centre[x] + Σ weights[k] · (centre[x − k·step] + centre[x + k·step])` for
  /// k = 1…`pairs`, summed in this order, for `blocks` blocks of samples.
  package var row:
    @Sendable (
      _ centre: UnsafePointer<UInt8>, _ step: Int, _ weights: UnsafePointer<Float>, _ pairs: Int,
      _ blocks: Int, _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  /// The same down the columns of 2 · `pairs` + ``rowsAtATime`` rows of sums, rounded half to even:
  /// `count` samples for each of the ``rowsAtATime`` outputs. Of the sums whole blocks are read.
  package var columns:
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ pairs: Int,
      _ count: Int, _ outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>
    ) -> Void

  package init(
    row:
      @escaping @Sendable (
        UnsafePointer<UInt8>, Int, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>
      ) -> Void,
    columns:
      @escaping @Sendable (
        UnsafePointer<UnsafePointer<Float>>, UnsafePointer<Float>, Int, Int,
        UnsafePointer<UnsafeMutablePointer<UInt8>>
      ) -> Void
  ) {
    self.row = row
    self.columns = columns
  }
}
