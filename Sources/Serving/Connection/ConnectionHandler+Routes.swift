import Files
import NIOCore
import NIOHTTP1

extension ConnectionHandler {
  func start(_ head: HTTPRequestHead) throws(Problem) {
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
    guard request.hasPlainBody else {
      throw Problem(415, "send the body as it is, without Content-Encoding")
    }
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
    case .computed(let cost, let mayTakeLong, let work):
      let isLater = request.patience == nil
      let (exchange, buffer) = makeExchange(request, mayBePutOff: mayTakeLong && !isLater)
      body = .receiving(buffer)
      let jobs = core.jobs
      let isTaken = core.scheduler.submit(cost: cost(request), exchange.cancellation) { slot in
        exchange.slot = slot
        if isLater {
          exchange.run { try jobs.accept($0, cost: cost(request), work) }
        } else {
          exchange.run(work) { try jobs.accept(exchange, cost: $0, work) }
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

  func makeExchange(
    _ request: Request, mayBePutOff: Bool = false
  ) -> (Exchange, BodyBuffer) {
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
      request, buffer, Outlet(this, number: number, cancellation), cancellation,
      mayBePutOff: mayBePutOff)
    self.exchange = exchange
    return (exchange, buffer)
  }

  static func tooLarge(_ limits: ServerLimits) -> Problem {
    Problem(
      413,
      "more than \(limits.bodyBytes >> 20) MiB; send less, or raise the limit with --max-upload")
  }
}
