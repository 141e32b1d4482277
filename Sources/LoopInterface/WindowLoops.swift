/// Loops over 3 × 3 windows of 8-bit samples.
///
/// Each takes the three rows of the window, pointing at the center of the first window; `step` is
/// the distance of horizontal neighbors in samples (the number of channels). `count` outputs are
/// written. Read are `step` samples more on both sides.
package struct WindowLoops: Sendable {
  /// Rows of 8-bit samples in, 8-bit samples out.
  package typealias Rows =
    @Sendable (
      _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
      _ step: Int, _ count: Int, _ weights: WindowWeights, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  /// The same for a window whose weights are part of the loop.
  package typealias UnweightedRows =
    @Sendable (
      _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
      _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  /// Correlation with `0 e 0 / e c e / 0 e 0`, clamped to 0…255.
  package var cross: Rows
  /// Correlation with `d e d / e c e / d e d`, clamped to 0…255.
  package var symmetric: Rows
  /// Correlation with any nine weights, clamped to 0…255.
  package var any: Rows

  /// The mean of the nine samples, rounded half up.
  package var mean: UnweightedRows

  package init(
    cross: @escaping Rows, symmetric: @escaping Rows, any: @escaping Rows,
    mean: @escaping UnweightedRows
  ) {
    self.cross = cross
    self.symmetric = symmetric
    self.any = any
    self.mean = mean
  }
}

/// The weights of a 3 × 3 kernel, row by row, and what is added to the sum.
///
/// The sum of a window must fit `Int16`: Σ|weight| · 255 + |bias| ≤ 32,767.
package struct WindowWeights: Sendable {
  package var w00, w01, w02, w10, w11, w12, w20, w21, w22, bias: Int16

  /// - Parameter weights: nine weights, row by row.
  package init(_ weights: [Int16], bias: Int16) {
    precondition(weights.count == 9)
    w00 = weights[0]
    w01 = weights[1]
    w02 = weights[2]
    w10 = weights[3]
    w11 = weights[4]
    w12 = weights[5]
    w20 = weights[6]
    w21 = weights[7]
    w22 = weights[8]
    self.bias = bias
  }
}
