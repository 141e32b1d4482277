/// Loops of Canny's edge detector up to the candidates of edges.
///
/// Derivatives are those of Sobel's operator, brighter to the right and downwards being positive.
package struct CannyLoops: Sendable {
  /// The derivatives over 3 × 3 windows; rows and `step` as in ``WindowLoops``.
  package typealias Gradient3 =
    @Sendable (
      _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
      _ step: Int, _ count: Int, _ x: UnsafeMutablePointer<Int16>, _ y: UnsafeMutablePointer<Int16>
    ) -> Void
  /// `magnitudes[x]`: |x| + |y|.
  package typealias Magnitude =
    @Sendable (
      _ x: UnsafePointer<Int16>, _ y: UnsafePointer<Int16>, _ count: Int,
      _ magnitudes: UnsafeMutablePointer<UInt16>
    ) -> Void
  /// Of pixels of three colors the derivatives of the color whose magnitude is largest, the first of
  /// equal ones, and that magnitude.
  package typealias Strongest =
    @Sendable (
      _ x: UnsafePointer<Int16>, _ y: UnsafePointer<Int16>, _ pixels: Int,
      _ strongestX: UnsafeMutablePointer<Int16>, _ strongestY: UnsafeMutablePointer<Int16>,
      _ magnitudes: UnsafeMutablePointer<UInt16>
    ) -> Void
  /// 2 for what is above `high`, 1 above `low`, 0 for the rest and whatever a neighbor in the
  /// direction of the gradient exceeds. Of the three rows of magnitudes one more on both sides is
  /// read.
  package typealias Suppress =
    @Sendable (
      _ above: UnsafePointer<UInt16>, _ middle: UnsafePointer<UInt16>,
      _ below: UnsafePointer<UInt16>, _ x: UnsafePointer<Int16>, _ y: UnsafePointer<Int16>,
      _ low: UInt16, _ high: UInt16, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  package var gradient3: Gradient3
  package var magnitude: Magnitude
  package var strongest: Strongest
  package var suppress: Suppress

  package init(
    gradient3: @escaping Gradient3, magnitude: @escaping Magnitude,
    strongest: @escaping Strongest, suppress: @escaping Suppress
  ) {
    self.gradient3 = gradient3
    self.magnitude = magnitude
    self.strongest = strongest
    self.suppress = suppress
  }
}
