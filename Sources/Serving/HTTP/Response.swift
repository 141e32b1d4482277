/// What a body is (RFC 9110, section 8.3).
package enum MediaType: String, Sendable {
  case html = "text/html; charset=utf-8"
  case css = "text/css; charset=utf-8"
  case script = "text/javascript; charset=utf-8"
  case text = "text/plain; charset=utf-8"
  case csv = "text/csv; charset=utf-8"
  case json = "application/json"
  case lines = "application/x-ndjson"
  case problem = "application/problem+json"
  case metrics = "text/plain; version=0.0.4; charset=utf-8"
  case events = "text/event-stream"
  case bytes = "application/octet-stream"
  case svg = "image/svg+xml"
  case png = "image/png"
  case jpeg = "image/jpeg"
  case webp = "image/webp"
}

/// An answer that lies in memory.
package struct Response: Sendable {
  package var status: Int
  package var type: MediaType
  /// Further fields of the header.
  package var fields: [(name: String, value: String)] = []
  package var body: [UInt8]

  package init(
    status: Int = 200, type: MediaType, fields: [(name: String, value: String)] = [],
    body: [UInt8]
  ) {
    self.status = status
    self.type = type
    self.fields = fields
    self.body = body
  }

  package init(status: Int = 200, type: MediaType = .json, text: String) {
    self.init(status: status, type: type, body: Array(text.utf8))
  }

  /// What every answer carries: nothing of it runs, loads, frames or is kept elsewhere.
  static let protectingFields: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
  ]
}
