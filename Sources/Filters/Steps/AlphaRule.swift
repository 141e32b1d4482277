import Images

/// How a window's pixels become one where they are not all opaque.
enum AlphaRule: Sendable {
  typealias MakeResults = @Sendable (WindowGeometry) -> any ResultRows

  /// A mean or a sum: weights that sum to something else than 0. Sums that slide from row to row need
  /// colors times alpha to be whole.
  case mean(weights: Double, slides: Bool = false, MakeResults)
  /// A difference by one kernel, or what is shown of two; the sum of their weights.
  case difference([MakeResults], weights: Double, GradientDirection)
  /// The largest visible sample, and the sum of alpha over a window of this area.
  case largest(MakeResults, alpha: MakeResults, area: Double)
}

extension AlphaRule {
  /// What an opaque pixel's colors are multiplied by, held as `Float`.
  ///
  /// With 8 bits color times alpha is exact. With 16 bits it is not: colors keep their own size, so
  /// that those of opaque pixels stay exact, but for sliding sums, which want whole numbers.
  func unit(of sample: SampleType) -> Double {
    switch (sample, self) {
    case (.uint16, .mean(_, slides: true, _)), (.uint8, _): sample.white
    default: 1
    }
  }
}
