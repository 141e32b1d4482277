/// Loops that sample an image along a line in any direction, linearly between four pixels.
///
/// Places are fixed-point numbers with 32 bits behind the point; from pixel to pixel of the output they
/// move by `dx` and `dy`. The weights have 12 bits and add up to 4096, so that a constant stays one.
/// All four pixels of each place exist, and the image has less than ``largestImage`` bytes.
package struct RotateLoops: Sendable {
  package typealias Row =
    @Sendable (
      _ image: UnsafePointer<UInt8>, _ bytesPerRow: Int, _ x: Int64, _ y: Int64, _ dx: Int64,
      _ dy: Int64, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  /// What 32 bits count with a sign.
  package static let largestImage = 1 << 31

  /// One channel to one.
  package var gray: Row
  /// Three channels to three.
  package var rgb: Row
  /// Three channels to three and opaque alpha.
  package var rgbToOpaque: Row

  /// Sixteen runs of sixteen bytes, `step` apart, become the columns of as many rows, `pitch` apart.
  package var turnSquare:
    @Sendable (
      _ source: UnsafeRawPointer, _ step: Int, _ destination: UnsafeMutableRawPointer, _ pitch: Int
    ) -> Void

  package init(
    gray: @escaping Row, rgb: @escaping Row, rgbToOpaque: @escaping Row,
    turnSquare:
      @escaping @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Void
  ) {
    self.gray = gray
    self.rgb = rgb
    self.rgbToOpaque = rgbToOpaque
    self.turnSquare = turnSquare
  }
}
