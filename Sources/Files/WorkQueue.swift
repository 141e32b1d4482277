/// A few threads that take pieces of work in the order in which they are handed in.
package final class WorkQueue: Sendable {
  private let pieces = Pieces()
  private let threads: [JoinableThread]

  package init(threads count: Int) {
    // A thread may look for work while the queue is going away: it holds the pieces, not the queue.
    threads = (0..<count).compactMap { [pieces] _ in
      JoinableThread { while let work = pieces.next() { work() } }
    }
  }

  deinit {
    pieces.close()
    for thread in threads { thread.join() }
  }

  /// How many threads there are; with none, work is done by whoever hands it in.
  package var threadCount: Int { threads.count }

  package func add(_ work: @escaping @Sendable () -> Void) {
    if threads.isEmpty { return work() }
    pieces.add(work)
  }

  /// The work that waits for a thread.
  ///
  /// Unchecked: everything that changes does so inside the monitor.
  private final class Pieces: @unchecked Sendable {
    private let monitor = Monitor()
    private var waiting: [@Sendable () -> Void] = []
    private var isClosed = false

    func add(_ work: @escaping @Sendable () -> Void) {
      monitor.withLock {
        waiting.append(work)
        monitor.signal()
      }
    }

    /// From now on nothing more comes; what waits is still done.
    func close() {
      monitor.withLock {
        isClosed = true
        monitor.signal()
      }
    }

    /// The next piece, waited for; nil when there will be none.
    func next() -> (@Sendable () -> Void)? {
      monitor.withLock {
        while waiting.isEmpty, !isClosed { monitor.wait() }
        return waiting.isEmpty ? nil : waiting.removeFirst()
      }
    }
  }
}
