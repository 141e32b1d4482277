extension StringProtocol {
  /// How many columns of a terminal the text takes: two for a wide character (East Asian scripts, emoji), one
  /// for any other.
  ///
  /// After Unicode's *East Asian Width* (UAX #11): the blocks whose characters are wide. `wcwidth` of the C
  /// library is not asked, since it knows only the locale's characters.
  package var columnWidth: Int { reduce(0) { $0 + ($1.isWide ? 2 : 1) } }
}

extension Character {
  fileprivate var isWide: Bool {
    guard let scalar = unicodeScalars.first, scalar.value >= 0x1100 else { return false }
    return Self.wideBlocks.contains { $0.contains(scalar.value) }
      // An emoji that is drawn as text takes one column unless it is told to be a picture.
      || (scalar.properties.isEmoji
        && (scalar.properties.isEmojiPresentation
          || unicodeScalars.contains { $0.value == 0xFE0F }))
  }

  private static let wideBlocks: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1B000...0x1B2FF,
    0x20000...0x3FFFD,
  ]
}
