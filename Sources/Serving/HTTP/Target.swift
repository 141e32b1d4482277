/// A request's target in origin form (RFC 9112, section 3.2.1): the path's segments and the query's items,
/// decoded.
package struct Target: Sendable, Equatable {
  /// An item of the query, in the order in which they stand.
  package struct Item: Sendable, Equatable {
    package let name: String
    /// Nil where no `=` follows the name.
    package let value: String?

    package init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }

  package let segments: [String]
  package let items: [Item]

  /// - Throws: 400 for what is no path from the root, leads upwards, or is not UTF-8 once decoded.
  package init(_ text: String) throws(Problem) {
    guard text.utf8.first == UInt8(ascii: "/") else {
      throw .badRequest("the request's target must begin with a slash")
    }
    // Bytes, not characters: a slash that a combining accent follows is a slash.
    let parts = Self.split(text.utf8[...], at: "?", most: 1)
    var segments: [String] = []
    for part in Self.split(parts[0].dropFirst(), at: "/") {
      let segment = try Self.decoded(part, plusIsSpace: false)
      guard segment != ".", segment != "..",
        !segment.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") })
      else {
        throw .badRequest("the address leads out of itself; leave out . and ..")
      }
      segments.append(segment)
    }
    self.segments = segments
    var items: [Item] = []
    for part in parts.count == 2 ? Self.split(parts[1], at: "&") : [] where !part.isEmpty {
      let pair = Self.split(part, at: "=", most: 1)
      items.append(
        Item(
          name: try Self.decoded(pair[0], plusIsSpace: true),
          value: pair.count == 2 ? try Self.decoded(pair[1], plusIsSpace: true) : nil))
    }
    guard items.count <= 100 else { throw .badRequest("the query has more than 100 items") }
    self.items = items
  }

  private static func split(
    _ text: Substring.UTF8View, at separator: Unicode.Scalar, most: Int = .max
  ) -> [Substring.UTF8View] {
    text.split(
      separator: UInt8(ascii: separator), maxSplits: most, omittingEmptySubsequences: false)
  }

  /// Percent-decoded (RFC 3986, section 2.1); control characters are refused.
  private static func decoded(
    _ text: Substring.UTF8View, plusIsSpace: Bool
  ) throws(Problem) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(hexadecimal),
          let low = rest.popFirst().flatMap(hexadecimal)
        else { throw .badRequest("a % in the address needs two hexadecimal digits behind it") }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    guard let result = String(validating: bytes, as: UTF8.self),
      !result.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else { throw .badRequest("the address holds what is no text in UTF-8") }
    return result
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
