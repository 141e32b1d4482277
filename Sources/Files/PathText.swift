/// Paths as strings, whatever bytes they consist of.
///
/// Linux allows every byte but `/` and NUL in a name, and Swift's strings hold only valid Unicode. So that every
/// file can be named, U+10FE80…U+10FEFF, of an area for private use, stand for the bytes 0x80…0xFF that are
/// not part of valid UTF-8. All that opens files by a string takes such a text.
package enum PathText {
  private static let escapes: ClosedRange<UInt32> = 0x10FE80...0x10FEFF

  /// The text that stands for a path; nothing of it is lost.
  package static func text(of bytes: [UInt8]) -> String {
    if let plain = String(validating: bytes, as: UTF8.self), !isEscaped(plain) { return plain }
    var result = String.UnicodeScalarView()
    var index = 0
    while index < bytes.count {
      let longest = min(4, bytes.count - index)
      let scalar = (1...longest).lazy.compactMap { length in
        String(validating: bytes[index..<(index + length)], as: UTF8.self)?.unicodeScalars.first
      }.first
      let length = scalar.map { String($0).utf8.count } ?? 1
      if let scalar, !escapes.contains(scalar.value) {
        result.append(scalar)
      } else {
        result.append(contentsOf: bytes[index..<index + length].map(escape))
      }
      index += length
    }
    return String(result)
  }

  /// The path that a text stands for.
  package static func bytes(of text: String) -> [UInt8] {
    guard isEscaped(text) else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap { scalar -> [UInt8] in
      escapedByte(scalar).map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  /// Whether a text stands for bytes that are not UTF-8.
  package static func isEscaped(_ text: String) -> Bool {
    text.unicodeScalars.contains { escapes.contains($0.value) }
  }

  /// The byte that a scalar stands for; nil where it is itself.
  static func escapedByte(_ scalar: Unicode.Scalar) -> UInt8? {
    escapes.contains(scalar.value) ? UInt8(truncatingIfNeeded: scalar.value) : nil
  }

  private static func escape(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(escapes.lowerBound - 0x80 + UInt32(byte)) ?? "\u{FFFD}"
  }
}
