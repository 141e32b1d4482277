import Files
import NIOCore
import NIOHTTP1

extension ConnectionHandler {
  func answer(_ problem: Problem) {
    let response = problem.response
    begin(number, response.status, response.type, response.fields, length: response.body.count)
    write(number, ByteBuffer(bytes: response.body)) {}
    end(number, isWhole: true)
  }

  func begin(
    _ number: Int, _ status: Int, _ type: MediaType, _ fields: [(name: String, value: String)],
    length: Int?
  ) {
    guard isOpen, number == self.number, !isAnswered, let context else { return }
    self.status = status
    var head = HTTPResponseHead(
      version: .http1_1,
      status: .init(statusCode: status, reasonPhrase: StatusCode.reason(status)))
    head.headers.add(name: "Content-Type", value: type.rawValue)
    if let length {
      head.headers.add(name: "Content-Length", value: "\(length)")
    } else {
      isChunked = true
      head.headers.add(name: "Transfer-Encoding", value: "chunked")
    }
    for (name, value) in fields { head.headers.add(name: name, value: value) }
    for (name, value) in Response.protectingFields { head.headers.add(name: name, value: value) }
    if core.isLeaving { isKeptAlive = false }
    if !isKeptAlive { head.headers.add(name: "Connection", value: "close") }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
  }

  /// - Parameter arrived: called once the bytes are with the system, or will never be.
  func write(_ number: Int, _ bytes: ByteBuffer, arrived: @escaping () -> Void) {
    guard isOpen, number == self.number, !isAnswered, let context, !isHead,
      bytes.readableBytes > 0
    else { return arrived() }
    if pendingWrites == 0 { writtenAt = MonotonicClock.seconds }
    pendingWrites += 1
    core.metrics.countSent(bytes.readableBytes)
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { [self] _ in
      pendingWrites -= 1
      writtenAt = MonotonicClock.seconds
      arrived()
      if pendingWrites == 0, finishesOnceWritten { finish() }
    }
    context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
    if isChunked { context.flush() }
  }

  func end(_ number: Int, isWhole: Bool) {
    guard isOpen, number == self.number, !isAnswered, let context else { return }
    isAnswered = true
    idleSince = MonotonicClock.seconds
    exchange = nil
    core.metrics.count(routeName, status: status, seconds: MonotonicClock.seconds - began)
    guard isWhole else {
      // The last chunk does not come, so that the client knows.
      context.flush()
      return close()
    }
    let promise = context.eventLoop.makePromise(of: Void.self)
    answered = promise.futureResult
    if isHead, isChunked {
      // An answer without a body has no last chunk either.
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: promise)
    } else {
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }
    if case .receiving = body { body = .discarding }
    lingerUntil = MonotonicClock.seconds + 5
    if case .complete = body { finish() } else { readMore() }
  }
}
