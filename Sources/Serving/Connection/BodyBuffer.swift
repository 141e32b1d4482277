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
  /// Whether the reader has begun.
  private var isTaken = false
  /// When there was no room; nil once the reader has caught up.
  private var fullSince: Double?
  /// What came when there was no room; see ``spill(to:)``.
  private var file: UnnamedFile?
  private var fileTaken = 0
  private let cancellation: Cancellation
  /// Asks the connection for more; called on any thread.
  private let ask: @Sendable () -> Void

  init(_ cancellation: Cancellation, ask: @escaping @Sendable () -> Void) {
    self.cancellation = cancellation
    self.ask = ask
  }

  var hasRoom: Bool { monitor.withLock { count < Self.capacity || file != nil } }

  /// Since when the client has been faster than the reader; nil where it is not, or what comes has a file.
  var behindSince: Double? { monitor.withLock { isTaken && file == nil ? fullSince : nil } }

  // MARK: - The connection's side

  func append(_ bytes: ByteBuffer) {
    monitor.withLock {
      count += bytes.readableBytes
      if let file, count > Self.capacity || fileCount > 0 {
        problem = Self.append(bytes, to: file)
      } else {
        chunks.append(bytes)
      }
      if count >= Self.capacity, fullSince == nil { fullSince = MonotonicClock.seconds }
      monitor.signal()
    }
  }

  private static func append(_ bytes: ByteBuffer, to file: UnnamedFile) -> Problem? {
    bytes.withUnsafeReadableBytes { bytes in
      do throws(Problem) { try file.append(bytes) } catch { return error }
      return nil
    }
  }

  /// From now on there is room: what is too much for memory goes to a file.
  ///
  /// Many clients read nothing of their answer before they have sent all of the body; without this both would wait for
  /// the other. And that a client has gone is seen only behind what it sent.
  func spill(to file: UnnamedFile) {
    monitor.withLock { if self.file == nil { self.file = file } }
  }

  /// Bytes that wait in the file. Inside the monitor.
  private var fileCount: Int { (file?.count ?? 0) - fileTaken }

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
      if !isTaken {
        isTaken = true
        fullSince = fullSince.map { _ in MonotonicClock.seconds }
      }
      while count == 0, !isComplete {
        if cancellation.isCancelled { throw Cancelled() }
        if let problem { throw problem }
        monitor.wait()
      }
      if cancellation.isCancelled { throw Cancelled() }
      if let problem, file != nil { throw problem }
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
      if let file, taken < target.count, fileCount > 0 {
        let more = file.read(
          at: fileTaken, into: UnsafeMutableRawBufferPointer(rebasing: target[taken...]))
        fileTaken += more
        taken += more
      }
      count -= taken
      if count == 0 { fullSince = nil }
      return taken
    }
    if taken > 0 { ask() }
    return taken
  }
}
