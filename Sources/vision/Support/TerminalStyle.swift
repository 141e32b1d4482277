import Glibc

/// How words look on a terminal (ECMA-48, SGR).
enum TerminalStyle: Int {
  case bold = 1
  case faint = 2
  case green = 32
  case yellow = 33

  /// Whether standard output shows styles: a terminal, and nobody asked for plain text
  /// (no-color.org; `TERM=dumb`).
  static let isShown: Bool = {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    return StandardStream.output.isTerminal && (value("NO_COLOR") ?? "").isEmpty
      && value("TERM") != "dumb"
  }()

  /// The text in this style, where styles are shown.
  func callAsFunction(_ text: String) -> String {
    Self.isShown ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}
