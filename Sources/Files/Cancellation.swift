import Synchronization

/// Thrown where work ends because nobody waits for it any more.
package struct Cancelled: Error {
  package init() {}
}

/// Says whether anybody still waits for a piece of work, and wakes what sleeps when nobody does.
///
/// Handed to what may take long, as `ReadOptions.cancellation` for example, which looks at it every now and then.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)
  private let wakers = Mutex<[@Sendable () -> Void]>([])

  public init() {}

  /// Whether the work is wanted by nobody.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// From now on the work is wanted by nobody. Calls what waits for that.
  public func cancel() {
    let waking = wakers.withLock { wakers in
      flag.store(true, ordering: .relaxed)
      defer { wakers = [] }
      return wakers
    }
    for wake in waking { wake() }
  }

  package func check() throws(Cancelled) {
    if isCancelled { throw Cancelled() }
  }

  /// Calls a closure once when the work is cancelled; at once where it is already.
  package func whenCancelled(_ wake: @escaping @Sendable () -> Void) {
    let isLate = wakers.withLock { wakers in
      if isCancelled { return true }
      wakers.append(wake)
      return false
    }
    if isLate { wake() }
  }
}

extension Cancellation: Equatable {
  /// Whether both are of the same piece of work.
  public static func == (first: Cancellation, second: Cancellation) -> Bool { first === second }
}

extension Cancellation {
  /// That of work for several: cancelled once none of them waits any more.
  package convenience init(ofAll others: [Cancellation]) {
    self.init()
    let waiting = Atomic(others.count)
    for other in others {
      other.whenCancelled { [weak self] in
        if waiting.wrappingAdd(-1, ordering: .relaxed).newValue == 0 { self?.cancel() }
      }
    }
  }
}
