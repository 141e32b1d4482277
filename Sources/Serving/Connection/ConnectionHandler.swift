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
  private enum BodyState {
    /// There is no request.
    case idle
    case receiving(BodyBuffer)
    /// It comes and is dropped.
    case discarding
    case complete
  }

  private let core: ServerCore
  private var context: ChannelHandlerContext?
  private var isOpen = false
  private var isReading = false
  /// Parts of requests that came before the one under way was answered.
  private var early = CircularBuffer<HTTPServerRequestPart>()

  // The request under way.
  private var number = 0
  private var exchange: Exchange?
  private var body = BodyState.idle
  private var bodyBytes = 0
  private var isAnswered = true
  /// Done when the last answer is with the system.
  private var answered: EventLoopFuture<Void>?
  private var isChunked = false
  private var isHead = false
  private var isKeptAlive = true
  private var began = 0.0
  private var status = 0
  private var routeName = "none"

  // Times that ``sweep(_:)`` compares, in seconds.
  private var idleSince = MonotonicClock.seconds
  private var headerSince: Double?
  private var window: (since: Double, bytes: Int)?
  private var pendingWrites = 0
  private var finishesOnceWritten = false
  private var isFinishing = false
  private var finishesAgain = false
  private var writtenAt = 0.0
  private var lingerUntil: Double?

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
  private func isOfBody(_ part: HTTPServerRequestPart) -> Bool {
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
  private func readMore() {
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

  private func take(_ part: HTTPServerRequestPart) {
    switch (part, body) {
    case (.head(let head), _):
      startRequest()
      isHead = head.method == .HEAD
      isKeptAlive = head.isKeepAlive && head.version == .http1_1 && !core.isLeaving
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

  private func startRequest() {
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

  private func start(_ head: HTTPRequestHead) throws(Problem) {
    try core.policy.checkHost(uri: head.uri, hosts: head.headers["host"])
    let given = Request(
      method: head.method.rawValue, target: try Target(head.uri),
      fields: head.headers.map { ($0.name, $0.value) })
    let route: Route
    let request: Request
    do throws(Problem) { (route, request) = try Route.find(given, among: core.routes) } catch {
      // Who may not ask learns nothing of what there is.
      try core.policy.check(given, access: .guarded)
      throw error
    }
    routeName = route.name
    try core.policy.check(request, access: route.access)
    if core.isLeaving { throw .leaving }
    if let length = request.contentLength, length > core.limits.bodyBytes {
      throw Self.tooLarge(core.limits)
    }
    switch route.work {
    case .immediate(let respond):
      body = .discarding
      let response = try respond(request)
      begin(number, response.status, response.type, response.fields, length: response.body.count)
      write(number, ByteBuffer(bytes: response.body)) {}
      end(number, isWhole: true)
    case .held(let take):
      body = .discarding
      try take(makeExchange(request).0)
    case .computed(let cost, let work):
      let (exchange, buffer) = makeExchange(request)
      body = .receiving(buffer)
      let jobs = core.jobs
      let isLater = JobStore.isAsked(for: request)
      let isTaken = core.scheduler.submit(cost: cost(request), exchange.cancellation) { slot in
        exchange.slot = slot
        if isLater {
          exchange.run { try jobs.accept($0, cost: cost(request), work) }
        } else {
          exchange.run(work)
        }
        exchange.slot = nil
      }
      guard isTaken else {
        self.exchange = nil
        body = .discarding
        throw .busy
      }
      if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
        context?.writeAndFlush(
          wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
      }
    }
  }

  private func makeExchange(_ request: Request) -> (Exchange, BodyBuffer) {
    let cancellation = Cancellation()
    // The context is the pipeline's, which is on this event loop as long as the connection lasts.
    let loop = context?.eventLoop
    guard let loop else { preconditionFailure("requests come from open connections") }
    let this = NIOLoopBound(self, eventLoop: loop)
    let buffer = BodyBuffer(cancellation) {
      loop.execute { this.value.readMore() }
    }
    cancellation.whenCancelled { [weak buffer] in buffer?.wake() }
    let exchange = Exchange(
      request, buffer, Outlet(this, number: number, cancellation), cancellation)
    self.exchange = exchange
    return (exchange, buffer)
  }

  private static func tooLarge(_ limits: ServerLimits) -> Problem {
    Problem(
      413,
      "more than \(limits.bodyBytes >> 20) MiB; send less, or raise the limit with --max-upload")
  }

  // MARK: - Answers

  private func answer(_ problem: Problem) {
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
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    if case .receiving = body { body = .discarding }
    lingerUntil = MonotonicClock.seconds + 5
    if case .complete = body { finish() } else { readMore() }
  }

  /// The request is read and answered: on to the next, or the end.
  private func finish() {
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

  private func finishOne() {
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

  private func isOfBodyNow(_ part: HTTPServerRequestPart) -> Bool {
    switch body {
    case .receiving, .discarding: true
    case .idle, .complete: false
    }
  }

  // MARK: - Time

  /// Closes the connection where its client takes too long.
  func sweep(_ now: Double) {
    let limits = core.limits
    if let lingerUntil, now > lingerUntil, isAnswered { return close() }
    if pendingWrites > 0, now - writtenAt > limits.stalledTime { return close() }
    if case .receiving(let buffer) = body, isReading, let window,
      now - window.since >= limits.bodyWindow
    {
      guard window.bytes < limits.bodyBytesPerWindow else {
        self.window = (now, 0)
        return
      }
      isKeptAlive = false
      body = .complete
      buffer.fail(Problem(408, "the request's body comes too slowly"))
    }
    guard case .idle = body else { return }
    if let headerSince, now - headerSince > limits.headerTime {
      isKeptAlive = false
      startRequest()
      body = .complete
      return answer(Problem(408, "the request's header comes too slowly"))
    }
    if headerSince == nil, now - idleSince > limits.idleTime { close() }
  }

  /// Since when there has been no request that is not answered; nil while there is one.
  var idleBegan: Double? {
    guard isAnswered else { return nil }
    return headerSince.map { min($0, idleSince) } ?? idleSince
  }

  /// Closes the connection as soon as it has no request.
  func leave() {
    if case .idle = body { close() } else { isKeptAlive = false }
  }

  func close() {
    guard isOpen else { return }
    context?.close(promise: nil)
  }
}

/// Tells the connection that bytes came before they are a request.
final class ByteWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  private let connection: ConnectionHandler

  init(_ connection: ConnectionHandler) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.noteBytes()
    context.fireChannelRead(data)
  }
}
