import CProcessor
import Glibc

/// A mutex and a condition, for objects that threads share.
///
/// Unchecked: it is made of the two things that make others safe.
package final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  package func withLock<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Inside ``withLock(_:)``: lets others in until one of them signals.
  package func wait() { pthread_cond_wait(condition, mutex) }

  /// Wakes all that wait.
  package func signal() { pthread_cond_broadcast(condition) }
}

/// A thread that runs a closure and can be waited for.
package struct JoinableThread: Sendable {
  private final class Work {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let thread: pthread_t

  /// Nil when the system has no thread to give.
  package init?(_ run: @escaping @Sendable () -> Void) {
    let work = Unmanaged.passRetained(Work(run))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, work.toOpaque())
    guard result == 0 else {
      work.release()
      return nil
    }
    self.thread = thread
  }

  package func join() { pthread_join(thread, nil) }
}

/// A few threads that take pieces of work in the order in which they are handed in.
final class WorkQueue: Sendable {
  private let pieces = Pieces()
  private let threads: [JoinableThread]

  init(threads count: Int) {
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
  var threadCount: Int { threads.count }

  func add(_ work: @escaping @Sendable () -> Void) {
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

/// How many processors this process may run on: fewer than the machine has where an affinity or a
/// cpuset says so.
public let processorCount = Int(processor_count())
