/// Loops of the separable Gaussian blur on 8-bit samples, in `Float`.
public struct GaussianLoops: Sendable {
  /// `output[x] = weights[0] · centre[x] + Σ weights[k] · (before[k−1][x] + after[k−1][x])` for
  /// `pairs` values of k, summed in this order.
  public var columns:
    @Sendable (
      _ centre: UnsafePointer<UInt8>, _ before: UnsafePointer<UnsafePointer<UInt8>>,
      _ after: UnsafePointer<UnsafePointer<UInt8>>, _ weights: UnsafePointer<Float>, _ pairs: Int,
      _ count: Int, _ output: UnsafeMutablePointer<Float>
    ) -> Void
  /// The same along a row, neighbours `step` numbers apart, into `sums` and rounded half to even into
  /// `output`.
  public var row:
    @Sendable (
      _ centre: UnsafePointer<Float>, _ step: Int, _ weights: UnsafePointer<Float>, _ pairs: Int,
      _ count: Int, _ sums: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  public init(
    columns:
      @escaping @Sendable (
        UnsafePointer<UInt8>, UnsafePointer<UnsafePointer<UInt8>>,
        UnsafePointer<UnsafePointer<UInt8>>, UnsafePointer<Float>, Int, Int,
        UnsafeMutablePointer<Float>
      ) -> Void,
    row:
      @escaping @Sendable (
        UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>,
        UnsafeMutablePointer<UInt8>
      ) -> Void
  ) {
    self.columns = columns
    self.row = row
  }
}
