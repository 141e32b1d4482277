import CCairo

// Text.

extension Canvas {
  /// The width that a text takes.
  func width(of text: String, _ style: TextStyle) -> Double {
    runs(of: printable(text)).reduce(0) { $0 + advance(of: $1, style) }
  }

  private func advance(of run: Run, _ style: TextStyle) -> Double {
    select(style, run.family)
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, run.text, &extents)
    return extents.x_advance
  }

  /// Draws one line of text whose base line passes through `y`; `rotation` in radians, clockwise.
  func text(
    _ text: String, x: Double, y: Double, _ style: TextStyle, anchor: Anchor = .start,
    rotation: Double = 0
  ) {
    let runs = runs(of: printable(text))
    let shift: Double =
      switch anchor {
      case .start: 0
      case .middle: width(of: text, style) / 2
      case .end: width(of: text, style)
      }
    cairo_save(context)
    cairo_translate(context, x, y)
    cairo_rotate(context, rotation)
    cairo_move_to(context, -shift, 0)
    setSource(style.color)
    // Each run begins where the one before it ends.
    for run in runs {
      select(style, run.family)
      cairo_show_text(context, run.text)
    }
    cairo_restore(context)
  }

  /// The text, or as much of its beginning as fits in `width` with an ellipsis behind.
  func truncated(_ text: String, _ style: TextStyle, width limit: Double) -> String {
    let characters = Array(text.prefix(400))
    if characters.count == text.count, width(of: text, style) <= limit { return text }
    var (fits, tooLong) = (0, characters.count + 1)
    while tooLong - fits > 1 {
      let middle = (fits + tooLong) / 2
      if width(of: String(characters[..<middle]) + "…", style) <= limit {
        fits = middle
      } else {
        tooLong = middle
      }
    }
    return String(characters[..<fits]) + "…"
  }

  /// A part of a text that one font has.
  private struct Run {
    let family: String
    var text: String
  }

  private func runs(of text: String) -> [Run] {
    var runs: [Run] = []
    for scalar in text.unicodeScalars {
      let family = FontFamilies.family(of: scalar, preferring: fontFamily) ?? fontFamily
      if runs.last?.family == family {
        runs[runs.count - 1].text.unicodeScalars.append(scalar)
      } else {
        runs.append(Run(family: family, text: String(Character(scalar))))
      }
    }
    return runs
  }

  private func select(_ style: TextStyle, _ family: String) {
    cairo_select_font_face(
      context, family, CAIRO_FONT_SLANT_NORMAL,
      style.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, style.size)
  }

  /// Control characters have no glyphs, and a NUL would end the text early.
  private func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return text
    }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      clean.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return String(clean)
  }
}
