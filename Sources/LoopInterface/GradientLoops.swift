/// Gradient magnitudes over 3 × 3 windows of 8-bit samples.
package struct GradientLoops: Sendable {
  /// `output[x] = min(255, round(√(gx² + gy²)))`, ties to even (there are none: no whole number has
  /// a root that ends in ½).
  package typealias Magnitude = WindowLoops.UnweightedRows

  /// Smoothed by `1 1 1`.
  package var prewitt: Magnitude
  /// Smoothed by `1 2 1`.
  package var sobel: Magnitude
  /// Smoothed by `3 10 3`.
  package var scharr: Magnitude

  package init(
    prewitt: @escaping Magnitude, sobel: @escaping Magnitude, scharr: @escaping Magnitude
  ) {
    self.prewitt = prewitt
    self.sobel = sobel
    self.scharr = scharr
  }
}
