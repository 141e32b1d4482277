/// How long a client waits for its answer, as it prefers (RFC 7240).
///
/// `Prefer: wait=60` waits for a minute, `Prefer: respond-async` not at all. What is expected to take longer becomes a job,
/// and its answer is 202.
enum Patience {
  /// Seconds that a client waits that says nothing.
  static let usual = 2.0

  /// Seconds; nil for who does not wait at all.
  static func seconds(preferring values: [String]) -> Double? {
    var isAsynchronous = false
    var wait: Double?
    for value in values.joined(separator: ",").split(separator: ",") {
      let preference = value.trimmingSpaces.lowercased()
      if preference == "respond-async" { isAsynchronous = true }
      if preference.hasPrefix("wait="), let seconds = Int(preference.dropFirst(5)), seconds >= 0 {
        wait = Double(seconds)
      }
    }
    return wait ?? (isAsynchronous ? nil : usual)
  }
}

extension Request {
  /// See ``Patience``.
  var patience: Double? { Patience.seconds(preferring: values("Prefer")) }
}

/// Thrown where work will take longer than its client waits.
package struct TakesLonger: Error {
  /// Expected.
  package let seconds: Double
}
