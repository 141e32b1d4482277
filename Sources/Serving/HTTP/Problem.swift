/// Why a request is not answered as it was asked, written as RFC 9457 says; `error` is what clients of the Open
/// Inference Protocol look for.
package struct Problem: Error, Sendable, Equatable {
  /// The status code of RFC 9110, 400…599.
  package var status: Int
  /// One line for people: what is wrong and what to do. It names nothing of the server.
  package var detail: String
  /// Seconds after which it is worth asking again.
  package var retryAfter: Int?
  /// The methods that the address has, where the one asked for is none of them.
  package var allowedMethods: [String] = []

  package init(_ status: Int, _ detail: String, retryAfter: Int? = nil) {
    self.status = status
    self.detail = detail
    self.retryAfter = retryAfter
  }

  /// The answer, `application/problem+json`.
  package var response: Response {
    var response = Response(
      status: status, type: .problem,
      text: "{\"type\":\"about:blank\",\"title\":\(jsonText(StatusCode.reason(status)))"
        + ",\"status\":\(status),\"detail\":\(jsonText(detail)),\"error\":\(jsonText(detail))}\n")
    if let retryAfter { response.fields.append(("Retry-After", "\(retryAfter)")) }
    if !allowedMethods.isEmpty {
      response.fields.append(("Allow", allowedMethods.joined(separator: ", ")))
    }
    return response
  }
}

extension Problem {
  package static func badRequest(_ detail: String) -> Problem { Problem(400, detail) }
  package static let notFound = Problem(404, "there is nothing at this address")
  package static let busy = Problem(
    503, "the queue is full; ask again in a few seconds", retryAfter: 2)
  package static let leaving = Problem(503, "the server is shutting down", retryAfter: 10)
}

/// A text as JSON writes it (RFC 8259, section 7), in quotation marks.
package func jsonText(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
