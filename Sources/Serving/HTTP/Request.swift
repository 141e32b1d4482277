/// A request, without its body.
package struct Request: Sendable {
  /// `GET`, `POST`, ….
  package let method: String
  package let target: Target
  /// The header's fields in their order; names are compared without regard to case.
  package let fields: [(name: String, value: String)]
  /// What stands in the place of the pattern's `*`.
  package internal(set) var parameters: [String] = []

  package init(method: String, target: Target, fields: [(name: String, value: String)]) {
    self.method = method
    self.target = target
    self.fields = fields
  }

  /// The values of a field, one for each time that it stands there.
  package func values(_ name: String) -> [String] {
    fields.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }

  /// The value of a field; nil where it does not stand there exactly once.
  package func value(_ name: String) -> String? {
    let values = values(name)
    return values.count == 1 ? values[0] : nil
  }

  /// The body's length, where it is announced.
  package var contentLength: Int? { value("Content-Length").flatMap { Int($0) } }

  /// Whether the body comes as it is, not compressed (RFC 9110, section 8.4).
  var hasPlainBody: Bool {
    values("Content-Encoding").allSatisfy { $0.equalsIgnoringCase("identity") }
  }

  /// The kind of the body in lower case, without parameters.
  package var contentType: String? {
    value("Content-Type")?.split(separator: ";").first.map {
      $0.trimmingSpaces.lowercased()
    }
  }
}

extension String {
  /// Whether two names of ASCII letters are the same but for upper and lower case.
  func equalsIgnoringCase(_ other: String) -> Bool {
    utf8.count == other.utf8.count && lowercased() == other.lowercased()
  }
}

extension StringProtocol {
  /// Without spaces and tabs at both ends.
  package var trimmingSpaces: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let first = firstIndex(where: { !isSpace($0) }),
      let last = lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(self[first...last])
  }
}
