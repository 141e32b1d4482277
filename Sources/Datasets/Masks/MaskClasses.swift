/// The classes of masks: images whose pixels name what is seen there.
public struct MaskClasses: Sendable, Hashable, Codable {
  /// What tells a mask's classes apart.
  public enum Kind: String, Sendable, Codable {
    /// Numbers: a palette's indices, or levels of gray.
    case index
    /// Colors.
    case color
  }

  public var kind: Kind
  /// In the order of a network's outputs.
  public var names: [String]
  /// What a pixel of each class holds in a mask: the number, or the color as 0xRRGGBB.
  public var values: [Int]
  /// How each class is drawn, as 0xRRGGBB.
  public var colors: [Int]
  /// What a pixel holds that belongs to no class; nil where all do.
  public var void: Int?

  /// - Precondition: as many names, values and colors, 1 to ``largestCount``.
  public init(kind: Kind, names: [String], values: [Int], colors: [Int], void: Int? = nil) {
    precondition(names.count == values.count && names.count == colors.count, "one of each a class")
    precondition((1...Self.largestCount).contains(names.count), "classes fit a byte beside none")
    self.kind = kind
    self.names = names
    self.values = values
    self.colors = colors
    self.void = void
  }

  public var count: Int { names.count }

  /// A byte holds a class, or that there is none.
  public static let largestCount = 255
  /// Of a pixel that belongs to no class, in a map of classes.
  public static let none: UInt8 = 255

  /// What a pixel of each class holds in a mask that is written with a palette: the number that it held in
  /// the masks that were learned from, or, of colors, the class's place.
  public var indices: [UInt8] {
    kind == .index
      ? values.map { UInt8(truncatingIfNeeded: $0) }
      : names.indices.map { UInt8(truncatingIfNeeded: $0) }
  }

  /// Red, green and blue of the entries of a palette for ``indices``; what is no class is black.
  public var palette: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 3 * (Int(indices.max() ?? 0) + 1))
    for (index, color) in zip(indices, colors) {
      for (channel, shift) in [16, 8, 0].enumerated() {
        bytes[3 * Int(index) + channel] = UInt8(truncatingIfNeeded: color >> shift)
      }
    }
    return bytes
  }

  /// Whether values and colors can be those of masks, as a file says.
  public var isValid: Bool {
    let range = kind == .index ? 0...255 : 0...0xFF_FFFF
    return names.count == values.count && names.count == colors.count
      && (1...Self.largestCount).contains(names.count) && Set(values).count == values.count
      && values.allSatisfy(range.contains) && colors.allSatisfy((0...0xFF_FFFF).contains)
  }

  /// A color that is told apart from those of other classes: hues a golden angle apart, light and dark in
  /// turn.
  public static func color(ofClass number: Int) -> Int {
    let hue = (Double(number) * 0.381_966 + 0.58).truncatingRemainder(dividingBy: 1)
    let value = [0.95, 0.6, 0.8][number % 3]
    let saturation = number % 2 == 0 ? 0.75 : 0.5
    func channel(_ offset: Double) -> Int {
      // From HSV: A. R. Smith 1978, "Color Gamut Transform Pairs".
      let place = (offset + hue * 6).truncatingRemainder(dividingBy: 6)
      let share = max(0, min(place, 4 - place, 1))
      return Int((255 * (value - value * saturation * share)).rounded())
    }
    return channel(5) << 16 | channel(3) << 8 | channel(1)
  }

  /// How a value is written: `7`, `#8040ff`.
  func text(of value: Int) -> String { Self.text(of: value, kind) }

  static func text(of value: Int, _ kind: Kind) -> String {
    guard kind == .color else { return "\(value)" }
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// Reads a value as it is written.
  public static func value(_ text: String) -> (kind: Kind, value: Int)? {
    if text.hasPrefix("#"), text.count == 7, let color = Int(text.dropFirst(), radix: 16) {
      return (.color, color)
    }
    guard let number = Int(text), (0...255).contains(number) else { return nil }
    return (.index, number)
  }
}
