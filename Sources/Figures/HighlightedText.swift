import Images

/// A text whose words have a color by how much they speak for something (red) or against it (blue).
public struct HighlightedText: Sendable {
  /// A word, or a character.
  public struct Word: Sendable {
    public var text: String
    /// Above 0 for, below 0 against.
    public var value: Double
    /// Whether it is written faintly, as what was not looked at is.
    public var isFaint: Bool

    public init(_ text: String, value: Double, isFaint: Bool = false) {
      self.text = text
      self.value = value
      self.isFaint = isFaint
    }
  }

  public var title: String
  public var words: [Word]
  /// Whether words are parted by blanks.
  public var hasBlanks: Bool
  /// A line below.
  public var note: String

  /// More than so many are not drawn.
  public static let mostWords = 4_000

  public init(title: String, words: [Word], hasBlanks: Bool = true, note: String = "") {
    self.title = title
    self.words = words
    self.hasBlanks = hasBlanks
    self.note = note
  }

  private static let style = TextStyle(size: 14)
  private static let margin = 22.0
  private static let lineHeight = 24.0

  /// The figure, `width` units of 2 × 2 pixels wide.
  public func rendered(width: Int = 760) throws(FigureError) -> Image {
    guard width >= 240 else {
      throw .unusable("a text of width \(width) is too narrow; at least 240")
    }
    let shown = words.suffix(Self.mostWords)
    let room = Double(width) - 2 * Self.margin
    // Where each word lies.
    let measuring = try Canvas(width: 1, height: 1)
    let blank = hasBlanks ? measuring.width(of: "n", Self.style) * 0.6 : 0
    var places: [(text: String, word: Word, x: Double, line: Int, width: Double)] = []
    var (x, line) = (0.0, 0)
    for word in shown {
      let text = measuring.truncated(word.text, Self.style, width: room)
      // A blank is as wide as a letter, so that its color can be seen.
      let extent = max(measuring.width(of: text, Self.style), 4)
      if x > 0, x + extent > room { (x, line) = (0, line + 1) }
      places.append((text, word, x, line, extent))
      x += extent + blank
    }
    let top = 56.0
    let bottom = top + Double(line + 1) * Self.lineHeight
    let canvas = try Canvas(width: Double(width), height: bottom + (note.isEmpty ? 14 : 34))
    canvas.text(
      canvas.truncated(title, TextStyle(size: 15, isBold: true), width: room), x: Self.margin,
      y: 30,
      TextStyle(size: 15, isBold: true))
    let largest = shown.reduce(0) { max($0, $1.value.isFinite ? abs($1.value) : 0) }
    for place in places {
      let y = top + Double(place.line) * Self.lineHeight
      let share = largest > 0 && place.word.value.isFinite ? place.word.value / largest : 0
      let color = ColorScale.diverging[0.5 + 0.5 * share]
      if share != 0 {
        canvas.fill(
          Rectangle(
            x: Self.margin + place.x - blank / 2, y: y, width: place.width + blank,
            height: Self.lineHeight - 3), color)
      }
      canvas.text(
        place.text, x: Self.margin + place.x, y: y + 15,
        TextStyle(size: 14, color: place.word.isFaint ? .faintInk : share != 0 ? color.ink : .ink))
    }
    if !note.isEmpty {
      let style = TextStyle(size: 11, color: .faintInk)
      canvas.text(
        canvas.truncated(note, style, width: room), x: Self.margin, y: bottom + 16, style)
    }
    return try canvas.image()
  }
}
