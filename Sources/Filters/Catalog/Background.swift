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

  /// Reads `transparent`, what ``BackgroundColor`` reads, or `#RRGGBBAA`.
  public init(_ text: String) throws(FilterError) {
    if text.lowercased() == "transparent" {
      self = .transparent
      return
    }
    let hasAlpha = text.hasPrefix("#") && text.count == 9
    guard let color = BackgroundColor(hasAlpha ? String(text.dropLast(2)) : text),
      text.suffix(2).allSatisfy(\.isHexDigit) || !hasAlpha,
      let alpha = hasAlpha ? UInt8(text.suffix(2), radix: 16) : 255
    else {
      throw .badArgument(
        "background \"\(text)\": give transparent, a name such as white or black, #RRGGBB or "
          + "#RRGGBBAA")
    }
    self.init(
      red: Double(color.red) / 255, green: Double(color.green) / 255,
      blue: Double(color.blue) / 255, alpha: Double(alpha) / 255)
  }

  /// An image's layout with an alpha channel where this background needs one.
  func layout(over layout: PixelLayout) -> PixelLayout {
    var result = layout
    if alpha < 1, !layout.hasAlpha { result.channels += 1 }
    return result
  }

  /// A pixel of it, in units of samples; gray by BT.601's luma.
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
