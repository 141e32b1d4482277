/// An opaque color, each component 0…1.
struct Color: Equatable {
  var red: Double
  var green: Double
  var blue: Double

  /// A color from its six hexadecimal digits, such as `0x0072B2`.
  init(_ hex: UInt32) {
    red = Double(hex >> 16 & 0xFF) / 255
    green = Double(hex >> 8 & 0xFF) / 255
    blue = Double(hex & 0xFF) / 255
  }

  /// This color with `share` (0…1) of another mixed in.
  func mixed(with other: Color, _ share: Double) -> Color {
    var mixed = self
    mixed.red += (other.red - red) * share
    mixed.green += (other.green - green) * share
    mixed.blue += (other.blue - blue) * share
    return mixed
  }

  /// Relative luminance (Rec. 709 weights on the stored components), 0 black to 1 white.
  var luminance: Double { 0.2126 * red + 0.7152 * green + 0.0722 * blue }

  /// The ink that reads best on this color.
  var ink: Color { luminance > 0.55 ? .ink : .paper }
}

extension Color {
  static let paper = Color(0xFFFFFF)
  static let ink = Color(0x262B33)
  static let faintInk = Color(0x69717C)
  static let rule = Color(0xE4E7EB)
  static let axis = Color(0xA3ABB5)
  static let panelBackground = Color(0xF4F5F7)

  /// What is right: bluish green of ``series``.
  static let correct = Color(0x00805F)
  /// What is wrong: vermilion of ``series``, darkened for text on white.
  static let incorrect = Color(0xC04A00)

  /// Colors that people of any color vision tell apart, in the order in which series take them
  /// (Okabe and Ito 2008, "Color Universal Design"; its yellow is left out, being weak on white).
  static let series: [Color] = [
    Color(0x0072B2), Color(0xD55E00), Color(0x009E73), Color(0xCC79A7), Color(0x56B4E9),
    Color(0xE69F00), Color(0x4D4D4D),
  ]
}

/// A scale of colors between anchors at equal distances.
struct ColorScale {
  private let anchors: [Color]

  private init(_ hex: [UInt32]) { anchors = hex.map(Color.init) }

  /// The color at `position`, 0…1; positions outside take the end's color, and one that is not a
  /// number the first.
  subscript(_ position: Double) -> Color {
    let last = Double(anchors.count - 1)
    let scaled = position.isNaN ? 0 : min(max(position, 0), 1) * last
    let index = min(Int(scaled), anchors.count - 2)
    return anchors[index].mixed(with: anchors[index + 1], scaled - Double(index))
  }

  /// White to deep blue (ColorBrewer "Blues").
  static let blues = ColorScale([
    0xFFFFFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B,
  ])
  /// White to deep orange (ColorBrewer "Oranges").
  static let oranges = ColorScale([
    0xFFFFFF, 0xFEE6CE, 0xFDD0A2, 0xFDAE6B, 0xFD8D3C, 0xF16913, 0xD94801, 0xA63603, 0x7F2704,
  ])
  /// Dark violet to yellow, evenly bright steps (Smith and van der Walt 2015, "viridis").
  static let viridis = ColorScale([
    0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B,
    0xFDE725,
  ])
  /// Black to pale yellow through red, evenly bright steps (Smith and van der Walt 2015, "inferno").
  static let inferno = ColorScale([
    0x000004, 0x1B0C41, 0x4A0C6B, 0x781C6D, 0xA52C60, 0xCF4446, 0xED6925, 0xFB9B06, 0xF7D13D,
    0xFCFFA4,
  ])
  /// Blue through white to red: negative, zero, positive (ColorBrewer "RdBu", reversed).
  static let diverging = ColorScale([
    0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B,
  ])
}
