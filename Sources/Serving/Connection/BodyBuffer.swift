import Files
import Glibc
import NIOCore

/// The part of a request's body that has come and was not taken yet, between the connection and the thread that reads
/// it.
///
/// Unchecked: everything that changes does so inside the monitor.
final class BodyBuffer: BodyPort, @unchecked Sendable {
  /// More than this is not asked of the client before some of it is taken.
  static let capacity = 256 << 10

  private let monitor = Monitor()
  private var chunks = CircularBuffer<ByteBuffer>()
  private var count = 0
  private var isComplete = false
  private var problem: Problem?
  private let cancellation: Cancellation
  /// Asks the connection for more; called on any thread.
  private let ask: @Sendable () -> Void

  init(_ cancellation: Cancellation, ask: @escaping @Sendable () -> Void) {
    self.cancellation = cancellation
    self.ask = ask
  }

  var hasRoom: Bool { monitor.withLock { count < Self.capacity } }

  // MARK: - The connection's side

  func append(_ bytes: ByteBuffer) {
    monitor.withLock {
      count += bytes.readableBytes
      chunks.append(bytes)
      monitor.signal()
    }
  }

  func complete() {
    monitor.withLock {
      isComplete = true
      monitor.signal()
    }
  }

  /// The rest will not come.
  func fail(_ problem: Problem) {
    monitor.withLock {
      self.problem = problem
      monitor.signal()
    }
  }

  func wake() { monitor.withLock { monitor.signal() } }

  // MARK: - The reader's side

  /// Whether ``read(into:)`` would sleep.
  var wouldWait: Bool {
    monitor.withLock { count == 0 && !isComplete && problem == nil && !cancellation.isCancelled }
  }

  /// Takes what has come, at least one byte unless the body is at its end; sleeps until then.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let taken = try monitor.withLock { () throws -> Int in
      while count == 0, !isComplete {
        if cancellation.isCancelled { throw Cancelled() }
        if let problem { throw problem }
        monitor.wait()
      }
      if cancellation.isCancelled { throw Cancelled() }
      var taken = 0
      while taken < target.count, var chunk = chunks.first {
        let some = min(chunk.readableBytes, target.count - taken)
        chunk.readWithUnsafeReadableBytes { bytes in
          UnsafeMutableRawBufferPointer(rebasing: target[taken..<taken + some])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<some]))
          return some
        }
        taken += some
        if chunk.readableBytes == 0 {
          chunks.removeFirst()
        } else {
          chunks[chunks.startIndex] = chunk
        }
      }
      count -= taken
      return taken
    }
    if taken > 0 { ask() }
    return taken
  }
}
