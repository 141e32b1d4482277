/// Loops over pixels of 8 bits that look at nothing beside a pixel.
package struct PointLoops: Sendable {
  /// The luma of `count` pixels of `channels` samples, of which the first three are red, green and blue:
  /// weights of 15 bits, rounded half up.
  package var lumaUInt8:
    @Sendable (
      _ pixels: UnsafePointer<UInt8>, _ channels: Int, _ count: Int,
      _ luma: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// `pixels + new − old` for red, green and blue, clamped; a fourth sample stays.
  package var addChangeUInt8:
    @Sendable (
      _ pixels: UnsafePointer<UInt8>, _ channels: Int, _ old: UnsafePointer<UInt8>,
      _ new: UnsafePointer<UInt8>, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// 255 where a sample exceeds the threshold, else 0.
  package var exceedsUInt8:
    @Sendable (
      _ samples: UnsafePointer<UInt8>, _ threshold: Int16, _ count: Int,
      _ output: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// Bilinear means of four bytes each, the first in the lowest bits:
  /// `(b0 · left + b1 · right) · upper + (b2 · left + b3 · right) · lower`, rounded half to even.
  package var interpolateBytes:
    @Sendable (
      _ corners: UnsafePointer<UInt32>, _ left: UnsafePointer<Float>,
      _ right: UnsafePointer<Float>, _ upper: Float, _ lower: Float, _ count: Int,
      _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  package init(
    lumaUInt8:
      @escaping @Sendable (
        UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<UInt8>
      ) -> Void,
    addChangeUInt8:
      @escaping @Sendable (
        UnsafePointer<UInt8>, Int, UnsafePointer<UInt8>, UnsafePointer<UInt8>, Int,
        UnsafeMutablePointer<UInt8>
      ) -> Void,
    exceedsUInt8:
      @escaping @Sendable (
        UnsafePointer<UInt8>, Int16, Int, UnsafeMutablePointer<UInt8>
      ) -> Void,
    interpolateBytes:
      @escaping @Sendable (
        UnsafePointer<UInt32>, UnsafePointer<Float>, UnsafePointer<Float>, Float, Float, Int,
        UnsafeMutablePointer<UInt8>
      ) -> Void
  ) {
    self.lumaUInt8 = lumaUInt8
    self.addChangeUInt8 = addChangeUInt8
    self.exceedsUInt8 = exceedsUInt8
    self.interpolateBytes = interpolateBytes
  }
}
