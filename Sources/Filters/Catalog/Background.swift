import Images

/// What fills the pixels that an image is extended by.
public struct Background: Sendable, Hashable {
  /// Red, green, blue and alpha, 0…1, as they are stored.
  public var red, green, blue, alpha: Double

  public static let transparent = Background(red: 0, green: 0, blue: 0, alpha: 0)

  public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  /// Reads `transparent`, `black`, `white`, `#RGB`, `#RRGGBB` or `#RRGGBBAA`.
  public init(_ text: String) throws(FilterError) {
    switch text.lowercased() {
    case "transparent": self = .transparent
    case "black": self.init(red: 0, green: 0, blue: 0)
    case "white": self.init(red: 1, green: 1, blue: 1)
    default:
      let digits = text.dropFirst(text.hasPrefix("#") ? 1 : 0).compactMap(\.hexDigitValue)
      let bytes: [Int]
      switch (text.hasPrefix("#"), digits.count, text.count) {
      case (true, 3, 4): bytes = digits.map { 17 * $0 }
      case (true, 6, 7), (true, 8, 9):
        bytes = stride(from: 0, to: digits.count, by: 2).map { 16 * digits[$0] + digits[$0 + 1] }
      default:
        throw .badArgument(
          "background \"\(text)\": give transparent, black, white, #RGB, #RRGGBB or #RRGGBBAA")
      }
      self.init(
        red: Double(bytes[0]) / 255, green: Double(bytes[1]) / 255, blue: Double(bytes[2]) / 255,
        alpha: bytes.count == 4 ? Double(bytes[3]) / 255 : 1)
    }
  }

  /// An image's layout with an alpha channel where this background needs one.
  func layout(over layout: PixelLayout) -> PixelLayout {
    var result = layout
    if alpha < 1, !layout.hasAlpha { result.channels += 1 }
    return result
  }

  /// A pixel of it, in units of samples; grey by BT.601's luma.
  func pixel(of layout: PixelLayout) -> [Double] {
    let white = layout.sample.white
    let colors =
      layout.colorChannels == 1 ? [0.299 * red + 0.587 * green + 0.114 * blue] : [red, green, blue]
    return (layout.hasAlpha ? colors + [alpha] : colors).map {
      layout.sample == .float32 ? $0 : ($0 * white).rounded(.toNearestOrEven)
    }
  }
}

extension Filter.Modifier {
  /// What fills pixels that the image is extended by.
  static let background = Filter.Modifier(
    "background", "COLOR",
    "what is added around the image: transparent (default), black, white, #RRGGBB or #RRGGBBAA; "
      + "before all filters: what JPEG shows under transparent pixels (default white)",
    values: ["transparent", "black", "white"])
}

extension Filter.Arguments {
  /// The background that was asked for; transparent where none was.
  func background() throws(FilterError) -> Background {
    guard let text = self[.background] else { return .transparent }
    return try Background(text)
  }
}
