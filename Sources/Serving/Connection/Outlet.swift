import Files
import NIOCore

/// Carries an answer from the thread that computes it to its connection.
///
/// Unchecked: what changes does so inside the monitor; the connection is only touched on its event loop.
final class Outlet: AnswerPort, @unchecked Sendable {
  /// Bytes under way beyond which the computing thread waits.
  private static let capacity = 256 << 10

  private let loop: any EventLoop
  private let connection: NIOLoopBound<ConnectionHandler>
  private let number: Int
  private let cancellation: Cancellation
  private let monitor = Monitor()
  private var underWay = 0

  /// - Parameter number: the request's number on the connection; what comes for an earlier one is dropped.
  init(_ connection: NIOLoopBound<ConnectionHandler>, number: Int, _ cancellation: Cancellation) {
    self.connection = connection
    loop = connection.eventLoop
    self.number = number
    self.cancellation = cancellation
    cancellation.whenCancelled { [weak self] in self?.wake() }
  }

  private func wake() { monitor.withLock { monitor.signal() } }

  func begin(
    _ status: Int, _ type: MediaType, _ fields: [(name: String, value: String)], length: Int?
  ) {
    run { [number] handler in
      handler.begin(number, status, type, fields, length: length)
    }
  }

  func write(_ bytes: ByteBuffer) {
    let count = bytes.readableBytes
    monitor.withLock { underWay += count }
    run { [self, number] handler in
      handler.write(number, bytes) { self.arrived(count) }
    }
  }

  func end(isWhole: Bool) {
    run { [number] handler in handler.end(number, isWhole: isWhole) }
  }

  private func run(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
    if loop.inEventLoop { return body(connection.value) }
    loop.execute { [connection] in body(connection.value) }
  }

  private func arrived(_ count: Int) {
    monitor.withLock {
      underWay -= count
      monitor.signal()
    }
  }

  var isFull: Bool { monitor.withLock { underWay > Self.capacity } }

  func waitForRoom() throws(Cancelled) {
    try monitor.withLock { () throws(Cancelled) in
      while underWay > Self.capacity / 2 {
        if cancellation.isCancelled { throw Cancelled() }
        monitor.wait()
      }
    }
  }
}
