import Files

/// A result that another thread will give.
///
/// Unchecked: everything that changes does so inside the monitor.
package final class Pending<Value: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private var result: Result<Value, any Error>?
  private let cancellation: Cancellation

  package init(_ cancellation: Cancellation) {
    self.cancellation = cancellation
    cancellation.whenCancelled { [weak self] in self?.wake() }
  }

  private func wake() { monitor.withLock { monitor.signal() } }

  package func resolve(_ result: Result<Value, any Error>) {
    monitor.withLock {
      self.result = result
      monitor.signal()
    }
  }

  package var isReady: Bool { monitor.withLock { result != nil } }

  /// Sleeps until the result is there.
  ///
  /// - Throws: what the other thread failed with; ``Cancelled`` where nobody waits for it any more.
  package func value() throws -> Value {
    let outcome = try monitor.withLock { () throws -> Result<Value, any Error> in
      while true {
        if let known = self.result { return known }
        if cancellation.isCancelled { throw Cancelled() }
        monitor.wait()
      }
    }
    return try outcome.get()
  }

  /// The same while others compute.
  package func value(_ slot: Scheduler.Slot?) throws -> Value {
    guard let slot, !isReady else { return try value() }
    return try slot.whileOthersCompute { try value() }
  }
}
