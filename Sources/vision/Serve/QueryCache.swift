import Serving
import Synchronization

extension [Target.Item] {
  /// The same for the same items. They hold no line feeds.
  var key: String { map { $0.name + ($0.value.map { "=" + $0 } ?? "") }.joined(separator: "\n") }
}

/// What queries mean, once they were parsed: programs ask the same thing again and again, and parsing it takes longer than
/// filtering a small image.
final class QueryCache<Meaning: Sendable>: Sendable {
  /// More are forgotten, all at once.
  private static var capacity: Int { 64 }

  private let known = Mutex<[String: Meaning]>([:])

  /// - Parameter parse: called where the query was not asked before; what it throws is not kept.
  func meaning<Failure: Error>(
    of items: [Target.Item], parse: () throws(Failure) -> Meaning
  ) throws(Failure) -> Meaning {
    let key = items.key
    if let meaning = known.withLock({ $0[key] }) { return meaning }
    let meaning = try parse()
    known.withLock { known in
      if known.count >= Self.capacity { known.removeAll() }
      known[key] = meaning
    }
    return meaning
  }
}
