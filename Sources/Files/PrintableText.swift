/// A text on one line of a terminal: control characters, which a file may have brought in, as `\x1B`, the
/// bytes of their UTF-8, and bytes that are not UTF-8 (see ``PathText``) likewise.
package func printable(_ text: String) -> String {
  func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory != .control && PathText.escapedByte(scalar) == nil
  }
  guard !text.unicodeScalars.allSatisfy(isPlain) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    guard !isPlain(scalar) else {
      result.unicodeScalars.append(scalar)
      continue
    }
    for byte in PathText.escapedByte(scalar).map({ [$0] }) ?? Array(String(scalar).utf8) {
      result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
  }
  return result
}
