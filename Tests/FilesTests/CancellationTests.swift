import Files
import Synchronization
import Testing

@Suite struct CancellationTests {
  @Test func whoWaitsIsWokenOnce() {
    let cancellation = Cancellation()
    let calls = Mutex(0)
    cancellation.whenCancelled { calls.withLock { $0 += 1 } }
    #expect(!cancellation.isCancelled && calls.withLock { $0 } == 0)
    cancellation.cancel()
    cancellation.cancel()
    #expect(cancellation.isCancelled && calls.withLock { $0 } == 1)
    // Too late to wait.
    cancellation.whenCancelled { calls.withLock { $0 += 1 } }
    #expect(calls.withLock { $0 } == 2)
    #expect(throws: Cancelled.self) { try cancellation.check() }
  }

  @Test func whatIsForSeveralIsWantedAsLongAsOneWaits() {
    let all = (0..<3).map { _ in Cancellation() }
    let shared = Cancellation(ofAll: all)
    all[0].cancel()
    all[2].cancel()
    #expect(!shared.isCancelled)
    all[1].cancel()
    #expect(shared.isCancelled)
    #expect(Cancellation(ofAll: all).isCancelled)
  }
}
