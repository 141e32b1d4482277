/// Loops over 3 × 3 windows of 8-bit pixels with alpha, whose colors are weighed by it.
///
/// Weighed pixels are planes of floats, `pitch` apart: colors times alpha, then alpha. With whole weights w,
/// Σ|w| ≤ 100, all sums are whole numbers that a float holds, so that the results are exact.
package struct WeighedLoops: Sendable {
  /// Rows of weighed pixels, pointing at the left neighbor of the first center.
  package typealias Rows = (
    above: UnsafePointer<Float>, middle: UnsafePointer<Float>, below: UnsafePointer<Float>
  )

  /// The bits that the alphas of `count` pixels have in common.
  package var commonAlphaUInt8:
    @Sendable (_ pixels: UnsafePointer<UInt8>, _ channels: Int, _ count: Int) -> UInt8
  package var commonAlphaUInt16:
    @Sendable (_ pixels: UnsafePointer<UInt16>, _ channels: Int, _ count: Int) -> UInt16
  /// Pixels of 2 or 4 channels as planes.
  package var weigh:
    @Sendable (
      _ pixels: UnsafePointer<UInt8>, _ channels: Int, _ count: Int,
      _ planes: UnsafeMutablePointer<Float>, _ pitch: Int
    ) -> Void
  /// The same nine weights over each plane.
  package var sum:
    @Sendable (
      _ rows: Rows, _ weights: UnsafePointer<Float>, _ planes: Int, _ pitch: Int, _ count: Int,
      _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  /// Twice nine weights, row by row, over each plane.
  package var sumPairs:
    @Sendable (
      _ rows: Rows, _ weights: UnsafePointer<Float>, _ planes: Int, _ pitch: Int, _ count: Int,
      _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>
    ) -> Void
  /// Colors over alpha, 0 where that is not above 0, and alpha times `share`; rounded half to even after
  /// `nudge` was added to the colors, clamped.
  package var mean:
    @Sendable (
      _ sums: UnsafePointer<Float>, _ pitch: Int, _ share: Float, _ nudge: Float, _ channels: Int,
      _ count: Int, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// Colors' sums where what is invisible takes the center's color, over 255, clamped and rounded; 0 where the
  /// center is invisible. Alpha is the center's.
  package var difference:
    @Sendable (
      _ sums: UnsafePointer<Float>, _ pitch: Int, _ centers: UnsafePointer<UInt8>, _ channels: Int,
      _ count: Int, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// The same of the square root of two such sums' squares.
  package var magnitude:
    @Sendable (
      _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ pitch: Int,
      _ centers: UnsafePointer<UInt8>, _ channels: Int, _ count: Int,
      _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  package init(
    commonAlphaUInt8: @escaping @Sendable (UnsafePointer<UInt8>, Int, Int) -> UInt8,
    commonAlphaUInt16: @escaping @Sendable (UnsafePointer<UInt16>, Int, Int) -> UInt16,
    weigh:
      @escaping @Sendable (
        UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<Float>, Int
      ) -> Void,
    sum:
      @escaping @Sendable (
        Rows, UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>
      ) -> Void,
    sumPairs:
      @escaping @Sendable (
        Rows, UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>,
        UnsafeMutablePointer<Float>
      ) -> Void,
    mean:
      @escaping @Sendable (
        UnsafePointer<Float>, Int, Float, Float, Int, Int, UnsafeMutablePointer<UInt8>
      ) -> Void,
    difference:
      @escaping @Sendable (
        UnsafePointer<Float>, Int, UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<UInt8>
      ) -> Void,
    magnitude:
      @escaping @Sendable (
        UnsafePointer<Float>, UnsafePointer<Float>, Int, UnsafePointer<UInt8>, Int, Int,
        UnsafeMutablePointer<UInt8>
      ) -> Void
  ) {
    self.commonAlphaUInt8 = commonAlphaUInt8
    self.commonAlphaUInt16 = commonAlphaUInt16
    self.weigh = weigh
    self.sum = sum
    self.sumPairs = sumPairs
    self.mean = mean
    self.difference = difference
    self.magnitude = magnitude
  }
}
