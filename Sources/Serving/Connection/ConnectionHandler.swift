import Files
import NIOCore
import NIOHTTP1

/// One connection: takes requests one after the other, hands over their bodies as they are wanted, and writes the
/// answers.
///
/// Nothing is read from the client that nobody asks for, so that what waits stays with the client.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// How the body of the request under way is doing.
  enum BodyState {
    /// There is no request.
    case idle
    case receiving(BodyBuffer)
    /// It comes and is dropped.
    case discarding
    case complete
  }

  let core: ServerCore
  var context: ChannelHandlerContext?
  var isOpen = false
  var isReading = false
  /// Parts of requests that came before the one under way was answered.
  var early = CircularBuffer<HTTPServerRequestPart>()

  // The request under way.
  var number = 0
  var exchange: Exchange?
  var body = BodyState.idle
  var bodyBytes = 0
  var isAnswered = true
  /// Done when the last answer is with the system.
  var answered: EventLoopFuture<Void>?
  var isChunked = false
  var isHead = false
  var isKeptAlive = true
  var began = 0.0
  var status = 0
  var routeName = "none"

  // Times that ``sweep(_:)`` compares, in seconds.
  var idleSince = MonotonicClock.seconds
  var headerSince: Double?
  var receivedAt = 0.0
  var window: (since: Double, bytes: Int)?
  var pendingWrites = 0
  var finishesOnceWritten = false
  var isFinishing = false
  var finishesAgain = false
  var writtenAt = 0.0
  var lingerUntil: Double?

  init(_ core: ServerCore) { self.core = core }

  // MARK: - The channel's events

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    isOpen = true
    headerSince = MonotonicClock.seconds
    guard core.add(self) else {
      isKeptAlive = false
      body = .complete
      isAnswered = false
      return answer(core.isLeaving ? .leaving : Problem(503, "too many connections", retryAfter: 5))
    }
    readMore()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isOpen = false
    self.context = nil
    core.remove(self)
    if let exchange, !isAnswered {
      core.metrics.countCancellation()
      core.metrics.count(routeName, status: 499, seconds: MonotonicClock.seconds - began)
      exchange.cancellation.cancel()
    }
    exchange = nil
  }

  /// Bytes came, whatever they are.
  func noteBytes() {
    receivedAt = MonotonicClock.seconds
    if isAnswered, headerSince == nil { headerSince = MonotonicClock.seconds }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if case .idle = body, early.isEmpty {
      take(part)
    } else if isOfBody(part) {
      take(part)
    } else {
      early.append(part)
    }
  }

  /// Whether a part belongs to the request under way.
  func isOfBody(_ part: HTTPServerRequestPart) -> Bool {
    guard early.isEmpty else { return false }
    switch body {
    case .receiving, .discarding: return true
    case .idle, .complete: return false
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    readMore()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return close() }
    isKeptAlive = false
    if case .receiving(let buffer) = body {
      body = .complete
      return buffer.fail(.badRequest("the request's body is malformed"))
    }
    guard isAnswered else {
      body = .complete
      return
    }
    startRequest()
    body = .complete
    switch error {
    case .headerOverflow: answer(Problem(431, "the request's header is too large"))
    case .invalidVersion: answer(Problem(505, "only HTTP/1.1 is spoken here"))
    default: answer(.badRequest("the request is malformed"))
    }
  }

  /// Asks for bytes where somebody wants some.
  func readMore() {
    guard isOpen, !isReading, let context else { return }
    switch body {
    case .idle, .discarding: break
    case .receiving(let buffer):
      guard buffer.hasRoom else {
        window = nil
        return
      }
      if window == nil { window = (MonotonicClock.seconds, 0) }
    case .complete: return
    }
    isReading = true
    context.read()
  }

  // MARK: - Requests

  func take(_ part: HTTPServerRequestPart) {
    switch (part, body) {
    case (.head(let head), _):
      startRequest()
      isHead = head.method == .HEAD
      // What follows a request for another protocol is taken for that one's.
      let leavesHTTP = head.method == .CONNECT || head.headers.contains(name: "upgrade")
      isKeptAlive =
        head.isKeepAlive && head.version == .http1_1 && !leavesHTTP && !core.isLeaving
      do throws(Problem) { try start(head) } catch {
        if case .idle = body { body = .discarding }
        // Who waits to be told to go on may never send the body.
        if head.headers.contains(name: "expect") || error.status == 413 || error.status == 421 {
          isKeptAlive = false
        }
        answer(error)
      }
    case (.body(let bytes), .receiving(let buffer)):
      bodyBytes += bytes.readableBytes
      window?.bytes += bytes.readableBytes
      guard bodyBytes <= core.limits.bodyBytes else {
        isKeptAlive = false
        body = .discarding
        return buffer.fail(Self.tooLarge(core.limits))
      }
      core.metrics.countReceived(bytes.readableBytes)
      buffer.append(bytes)
    case (.end, .receiving(let buffer)):
      body = .complete
      buffer.complete()
    case (.end, _):
      body = .complete
      if isAnswered { finish() }
    default: break
    }
  }

  func startRequest() {
    number += 1
    began = MonotonicClock.seconds
    headerSince = nil
    window = nil
    bodyBytes = 0
    isAnswered = false
    isChunked = false
    isHead = false
    routeName = "none"
  }

  /// The request is read and answered: on to the next, or the end.
  func finish() {
    // Requests that came together are answered one after the other, not one inside the other.
    finishesAgain = true
    guard !isFinishing else { return }
    isFinishing = true
    while finishesAgain {
      finishesAgain = false
      finishOne()
    }
    isFinishing = false
  }

  func finishOne() {
    guard isOpen else { return }
    lingerUntil = nil
    // Answers do not gather here for a client that asks and does not read.
    finishesOnceWritten = pendingWrites > 0
    if finishesOnceWritten { return }
    exchange = nil
    guard isKeptAlive, !core.isLeaving else {
      // What was written before is sent first.
      body = .complete
      guard let answered else { return close() }
      answered.assumeIsolated().whenComplete { [self] _ in close() }
      return
    }
    body = .idle
    idleSince = MonotonicClock.seconds
    while !early.isEmpty, case .idle = body { take(early.removeFirst()) }
    while let part = early.first, isOfBodyNow(part) { take(early.removeFirst()) }
    readMore()
  }

  func isOfBodyNow(_ part: HTTPServerRequestPart) -> Bool {
    switch body {
    case .receiving, .discarding: true
    case .idle, .complete: false
    }
  }

  func close() {
    guard isOpen else { return }
    context?.close(promise: nil)
  }
}
