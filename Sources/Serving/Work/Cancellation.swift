import Files
import Synchronization

/// Thrown where work ends because nobody waits for it any more.
package struct Cancelled: Error {
  package init() {}
}

/// Says whether anybody still waits for a piece of work, and wakes what sleeps when nobody does.
package final class Cancellation: Sendable {
  private let flag = Atomic(false)
  private let wakers = Mutex<[@Sendable () -> Void]>([])

  package init() {}

  package var isCancelled: Bool { flag.load(ordering: .relaxed) }

  package func check() throws(Cancelled) {
    if isCancelled { throw Cancelled() }
  }

  /// From now on the work is wanted by nobody. Calls what was handed to ``whenCancelled(_:)``.
  package func cancel() {
    let waking = wakers.withLock { wakers in
      flag.store(true, ordering: .relaxed)
      defer { wakers = [] }
      return wakers
    }
    for wake in waking { wake() }
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
