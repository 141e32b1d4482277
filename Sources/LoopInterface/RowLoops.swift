/// Loops over whole rows of numbers.
package struct RowLoops: Sendable {
  /// The weighted sum of `taps` rows: `output[x] = Σ weights[t] · rows[t][x]`, summed in steps of
  /// four taps from the first to the last.
  package typealias WeightedSum<Number> =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Number>>, _ weights: UnsafePointer<Number>, _ taps: Int,
      _ count: Int, _ output: UnsafeMutablePointer<Number>
    ) -> Void
  /// `output[x]` from `a[x]` and `b[x]`; `output` may be `a`.
  package typealias Combine =
    @Sendable (
      _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int,
      _ output: UnsafeMutablePointer<Double>
    ) -> Void

  package var weightedSumInt32: WeightedSum<Int32>
  package var weightedSumDouble: WeightedSum<Double>
  /// `a + b`
  package var sum: Combine
  /// `a − b`
  package var difference: Combine
  /// The larger of `a` and `b`.
  package var maximum: Combine
  /// `√(a² + b²)`
  package var magnitude: Combine

  package init(
    weightedSumInt32: @escaping WeightedSum<Int32>,
    weightedSumDouble: @escaping WeightedSum<Double>,
    sum: @escaping Combine, difference: @escaping Combine, maximum: @escaping Combine,
    magnitude: @escaping Combine
  ) {
    self.weightedSumInt32 = weightedSumInt32
    self.weightedSumDouble = weightedSumDouble
    self.sum = sum
    self.difference = difference
    self.maximum = maximum
    self.magnitude = magnitude
  }
}
