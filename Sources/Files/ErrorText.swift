import Glibc

/// The system's words for an `errno`.
package func errorText(_ code: Int32) -> String {
  // glibc keeps one text for each known error, so threads do not disturb each other.
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
