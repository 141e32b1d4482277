// The byte order mark that some editors put before UTF-8 is no part of a text.

extension [UInt8] {
  /// The bytes of a text behind it.
  package var withoutByteOrderMark: ArraySlice<UInt8> {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    return starts(with: mark) ? dropFirst(mark.count) : self[...]
  }
}

extension String {
  /// The text behind it.
  package var withoutByteOrderMark: Substring { hasPrefix("\u{FEFF}") ? dropFirst() : self[...] }
}
