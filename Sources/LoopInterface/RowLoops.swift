/// Loops over whole rows of numbers.
public struct RowLoops: Sendable {
  /// The weighted sum of `taps` rows: `output[x] = Σ weights[t] · rows[t][x]`, summed in steps of
  /// four taps from the first to the last.
  public typealias WeightedSum<Number> =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Number>>, _ weights: UnsafePointer<Number>, _ taps: Int,
      _ count: Int, _ output: UnsafeMutablePointer<Number>
    ) -> Void
  /// `output[x]` from `a[x]` and `b[x]`; `output` may be `a`.
  public typealias Combine =
    @Sendable (
      _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int,
      _ output: UnsafeMutablePointer<Double>
    ) -> Void

  public var weightedSumInt32: WeightedSum<Int32>
  public var weightedSumDouble: WeightedSum<Double>
  /// `a + b`
  public var sum: Combine
  /// `a − b`
  public var difference: Combine
  /// The larger of `a` and `b`.
  public var maximum: Combine
  /// `√(a² + b²)`
  public var magnitude: Combine

  public init(
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
