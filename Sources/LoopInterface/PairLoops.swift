/// Loops that compare or combine an image's row with another one.
package struct PairLoops: Sendable {
  /// `output[x]` from `a[x]` and `b[x]`.
  package typealias Combine<Sample> =
    @Sendable (
      _ a: UnsafePointer<Sample>, _ b: UnsafePointer<Sample>, _ count: Int,
      _ output: UnsafeMutablePointer<Sample>
    ) -> Void

  /// `a − b`, and 0 where that is negative.
  package var excessUInt8: Combine<UInt8>
  package var excessUInt16: Combine<UInt16>
  /// 255 where `a − b > offset`, else 0.
  package var exceedsUInt8:
    @Sendable (
      _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ offset: Int16, _ count: Int,
      _ output: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// `a + amount · (a − b)` where |a − b| > `above`, else `a`; rounded half to even and clamped.
  package var sharpenUInt8:
    @Sendable (
      _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ amount: Float, _ above: Float,
      _ count: Int, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  package init(
    excessUInt8: @escaping Combine<UInt8>, excessUInt16: @escaping Combine<UInt16>,
    exceedsUInt8:
      @escaping @Sendable (
        UnsafePointer<UInt8>, UnsafePointer<UInt8>, Int16, Int, UnsafeMutablePointer<UInt8>
      ) -> Void,
    sharpenUInt8:
      @escaping @Sendable (
        UnsafePointer<UInt8>, UnsafePointer<UInt8>, Float, Float, Int, UnsafeMutablePointer<UInt8>
      ) -> Void
  ) {
    self.excessUInt8 = excessUInt8
    self.excessUInt16 = excessUInt16
    self.exceedsUInt8 = exceedsUInt8
    self.sharpenUInt8 = sharpenUInt8
  }
}
