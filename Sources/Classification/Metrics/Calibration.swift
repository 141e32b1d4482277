/// Whether a classifier's probabilities can be believed: of the images it gave about 80 %, about
/// 80 % should be right.
///
/// Expected calibration error with bins of equal width (Guo et al. 2017, "On Calibration of Modern
/// Neural Networks", section 2): `Σ (nᵇ / n) · |accuracyᵇ − confidenceᵇ|`.
package struct Calibration: Sendable, Hashable {
  /// Bins over the confidences 0…1.
  package static let binCount = 15

  private var count = Array(repeating: 0, count: binCount)
  private var correct = Array(repeating: 0, count: binCount)
  private var confidence = Array(repeating: 0.0, count: binCount)

  package init() {}

  /// Counts one prediction made with `confidence` (0…1, the largest probability).
  package mutating func record(confidence value: Double, isCorrect: Bool) {
    // A number that is not finite compares false and falls into the first bin.
    let bin = value > 0 ? min(Self.binCount - 1, Int(min(value, 1) * Double(Self.binCount))) : 0
    count[bin] += 1
    correct[bin] += isCorrect ? 1 : 0
    confidence[bin] += value
  }

  /// 0 for a classifier whose confidence is its accuracy, in every bin; at most 1.
  package var expectedError: Double {
    let total = count.reduce(0, +)
    guard total > 0 else { return 0 }
    return count.indices.reduce(0) { sum, bin in
      sum + abs(Double(correct[bin]) - confidence[bin]) / Double(total)
    }
  }
}
