/// What lies outside an image, along either axis. In the images `abcd` is the image.
public enum Border: Sendable, Hashable {
  /// Mirrored at the outermost pixel's center: `dcb|abcd|cba` (OpenCV's and SciPy's default for
  /// filters, there also called "mirror").
  case reflect101
  /// The outermost pixel repeated: `aaa|abcd|ddd`.
  case replicate
  /// Mirrored at the image's edge: `cba|abcd|dcb`.
  case reflect
  /// The image repeated: `bcd|abcd|abc`. The first rows need the last ones, so a stream is held
  /// whole.
  case wrap
  /// One value, in units of the image's samples (0…255, 0…65,535, or 0…1 for float).
  case constant(Double)

  /// Reads `reflect101`, `replicate`, `reflect`, `wrap` or `constant:V`.
  public init(_ text: String) throws(FilterError) {
    switch text {
    case "reflect101": self = .reflect101
    case "replicate": self = .replicate
    case "reflect": self = .reflect
    case "wrap": self = .wrap
    default:
      guard text.hasPrefix("constant:"), let value = Double(text.dropFirst(9)), value.isFinite
      else {
        throw .badArgument(
          "border \"\(text)\": use reflect101, replicate, reflect, wrap or constant:V with a number V"
        )
      }
      self = .constant(value)
    }
  }

  /// The index inside `0..<count` whose pixel stands for `index`; nil for the constant's.
  func source(of index: Int, count: Int) -> Int? {
    if index >= 0 && index < count { return index }
    switch self {
    case .constant: return nil
    case .replicate: return index < 0 ? 0 : count - 1
    case .wrap: return modulo(index, count)
    case .reflect:
      let phase = modulo(index, 2 * count)
      return phase < count ? phase : 2 * count - 1 - phase
    case .reflect101:
      if count == 1 { return 0 }
      let phase = modulo(index, 2 * count - 2)
      return phase < count ? phase : 2 * count - 2 - phase
    }
  }

  /// The smallest range that holds every index that stands for one of `window`; never empty.
  func sources(of window: Range<Int>, count: Int) -> Range<Int> {
    if window.lowerBound >= 0 && window.upperBound <= count { return window }
    if self == .wrap { return 0..<count }
    // Whatever lies inside, and the images of whatever lies outside.
    var (low, high) = (count, -1)
    let inside = window.clamped(to: 0..<count)
    if !inside.isEmpty { (low, high) = (inside.lowerBound, inside.upperBound - 1) }
    for index in window where index < 0 || index >= count {
      guard let source = source(of: index, count: count) else { continue }
      (low, high) = (min(low, source), max(high, source))
      if low == 0 && high == count - 1 { break }
    }
    return low <= high ? low..<high + 1 : 0..<1
  }
}

extension Border: CustomStringConvertible {
  /// As it is typed.
  public var description: String {
    switch self {
    case .reflect101: "reflect101"
    case .replicate: "replicate"
    case .reflect: "reflect"
    case .wrap: "wrap"
    case .constant(let value): "constant:\(value)"
    }
  }
}

/// The remainder of a floored division: 0…`divisor` − 1.
private func modulo(_ value: Int, _ divisor: Int) -> Int {
  let remainder = value % divisor
  return remainder < 0 ? remainder + divisor : remainder
}
