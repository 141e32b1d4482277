import Files
import Glibc

/// One axis of a chart: its range and the places of its ticks, at round numbers.
struct Axis {
  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  /// The values at the two ends; for a logarithmic axis, too, these are values and not exponents.
  private(set) var lower: Double
  private(set) var upper: Double
  private(set) var ticks: [Tick]
  let isLogarithmic: Bool

  /// Values beyond this say nothing on a chart, and their difference could overflow.
  static let largest = 1e300

  /// Whether an axis of this kind has a place for the value.
  static func hasPlace(for value: Double, logarithmic: Bool) -> Bool {
    value.magnitude <= largest && (!logarithmic || value >= 1e-300)
  }

  /// An axis that covers `values`; what has no place on it is ignored.
  ///
  /// - Parameters:
  ///   - endsAtTicks: widens the range to the next tick on both ends.
  ///   - wholeNumbers: puts no ticks between whole numbers.
  ///   - count: about how many ticks.
  init(
    covering values: some Sequence<Double>, logarithmic: Bool = false, endsAtTicks: Bool,
    wholeNumbers: Bool = false, count: Int = 6
  ) {
    isLogarithmic = logarithmic
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where Self.hasPlace(for: value, logarithmic: logarithmic) {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high { (low, high) = logarithmic ? (0.1, 1) : (0, 1) }
    (lower, upper, ticks) = (low, high, [])
    if logarithmic {
      placeLogarithmicTicks()
    } else {
      placeTicks(endsAtTicks: endsAtTicks, wholeNumbers: wholeNumbers, count: count)
    }
  }

  /// The place of a value: 0 at the lower end, 1 at the upper.
  func position(of value: Double) -> Double {
    isLogarithmic
      ? log10(value / lower) / log10(upper / lower) : (value - lower) / (upper - lower)
  }

  private mutating func placeTicks(endsAtTicks: Bool, wholeNumbers: Bool, count: Int) {
    let size = max(lower.magnitude, upper.magnitude)
    if upper - lower <= 1e-9 * size || upper == lower {
      let margin = wholeNumbers ? max(0.5, size * 1e-6) : (size == 0 ? 0.5 : size * 0.1)
      (lower, upper) = (lower - margin, upper + margin)
    }
    var step = Self.roundStep(above: (upper - lower) / Double(count))
    if wholeNumbers { step = max(step, 1) }
    var first = (lower / step).rounded(.up)
    var last = (upper / step).rounded(.down)
    if endsAtTicks {
      first = (lower / step + 1e-9).rounded(.down)
      last = (upper / step - 1e-9).rounded(.up)
      (lower, upper) = (first * step, last * step)
    }
    let decimals = max(0, Int(-(log10(step) + 1e-9).rounded(.down)))
    let number = min(Int(max(last - first, -1)), 4 * count)
    ticks = stride(from: 0, through: number, by: 1).map { index in
      let value = (first + Double(index)) * step
      return Tick(value: value, label: Self.label(value, step: step, decimals: decimals))
    }
  }

  private mutating func placeLogarithmicTicks() {
    var low = Int(log10(lower).rounded(.down))
    var high = Int(log10(upper).rounded(.up))
    if high == low {
      low -= 1
      high += 1
    }
    let decades = high - low
    let apart = max(1, (decades + 7) / 8)
    // With few decades, 2 and 5 between the powers of ten; the range ends at the tick beyond the data.
    let multiples: [Double] = decades <= 2 ? [1, 2, 5] : [1]
    var values: [Double] = []
    for exponent in stride(from: low, through: high, by: apart) {
      for multiple in multiples { values.append(multiple * pow(10, Double(exponent))) }
    }
    let start = values.last { $0 <= lower * (1 + 1e-9) } ?? lower
    let end = values.first { $0 >= upper * (1 - 1e-9) && $0 > start } ?? upper
    (lower, upper) = (start, max(end, start * 10 / 9))
    ticks = values.filter { $0 >= start && $0 <= end }.map { value in
      let decimals = max(0, Int(-(log10(value) + 1e-9).rounded(.down)))
      return Tick(value: value, label: Self.label(value, step: value, decimals: decimals))
    }
  }

  /// The smallest of 1, 2, 5 × 10ᵏ that is at least `rough`.
  static func roundStep(above rough: Double) -> Double {
    let power = pow(10, log10(rough).rounded(.down))
    for multiple in [1.0, 2, 5] where multiple * power >= rough * (1 - 1e-9) {
      return multiple * power
    }
    return 10 * power
  }

  private static func label(_ value: Double, step: Double, decimals: Int) -> String {
    if value == 0 { return "0" }
    if value.magnitude >= 1e7 || decimals > 6 {
      let exponent = Int((log10(value.magnitude) + 1e-9).rounded(.down))
      let mantissa = value / pow(10, Double(exponent))
      let digits = max(0, exponent - Int((log10(step) + 1e-9).rounded(.down)))
      return fixed(mantissa, decimals: min(digits, 6)) + "e\(exponent)"
    }
    return fixed(value, decimals: decimals)
  }
}
