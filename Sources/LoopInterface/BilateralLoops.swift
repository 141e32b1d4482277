/// Loops of the bilateral filter, in `Float`.
package struct BilateralLoops: Sendable {
  /// `count` samples, a multiple of ``BilateralLoops/blockLength``; `rows[t]` points at the neighbor
  /// `t` of the first of them, whose weight is 2^(`logs[t]` − d²), d being the distance of the samples.
  package typealias Gray =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Float>>, _ logs: UnsafePointer<Float>, _ taps: Int,
      _ center: UnsafePointer<Float>, _ scale: Float, _ count: Int,
      _ output: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// The same for pixels of three colors, `plane` samples from one another; d is the sum of the
  /// colors' distances. The outputs lie side by side.
  package typealias Color =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Float>>, _ logs: UnsafePointer<Float>, _ taps: Int,
      _ center: UnsafePointer<Float>, _ plane: Int, _ scale: Float, _ count: Int,
      _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  /// Pixels that are computed at a time.
  package static let blockLength = 16

  package var gray: Gray
  package var color: Color

  package init(gray: @escaping Gray, color: @escaping Color) {
    self.gray = gray
    self.color = color
  }
}
