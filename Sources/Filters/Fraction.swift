/// A number as it is typed: `2`, `-0.5` or `1/9`.
package struct Fraction: Sendable, Equatable {
  package let numerator: Double
  package let denominator: Double

  /// Nil for what is no number, or none that is finite.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let numerator = Double(parts[0]), numerator.isFinite,
      let denominator = parts.count == 1 ? 1 : Double(parts[1]), denominator.isFinite,
      denominator != 0, (numerator / denominator).isFinite
    else { return nil }
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  package var value: Double { numerator / denominator }
}
