import Filters
import Images
import Serving

/// `POST filter`: an image through a chain of filters; rows come back while others are still sent.
struct FilterEndpoint: Sendable {
  let reading: ReadOptions
  private let queries = QueryCache<Query>()
  /// Seconds a megapixel that most chains stay below.
  private let rate = WorkRate { _ in 0.04 }

  /// What of `vision filter` has a meaning for one image that comes and goes through a socket.
  static let names: [String] =
    Filter.catalog.map(\.name)
    + Modifier.all.map(\.name).filter { !["mask", "measure", "histogram"].contains($0) } + options
  private static let options = ["background"] + AnswerOptions.names
  private static let flags = Set(
    Filter.catalog.filter { $0.parameter == nil }.map(\.name)
      + Modifier.all.filter { $0.placeholder == nil }.map(\.name)
      + AnswerOptions.flags)

  var route: Route {
    Route(
      "POST", "/api/v1/filter",
      .computed(cost: Self.cost, mayTakeLong: true) { exchange in try respond(to: exchange) })
  }

  /// Some seconds a byte of a JPEG; what does not say its length may be large.
  private static func cost(_ request: Request) -> Double {
    Double(request.contentLength ?? 4 << 20) * 5e-8
  }

  private func respond(to exchange: Exchange) throws {
    let items = exchange.request.target.items
    let query = try queries.meaning(of: items) { () throws(Problem) in try Self.query(items) }
    var reading = reading
    reading.lenient = query.lenient
    reading.sufficientLongSide = query.chain.sufficientLongSide
    reading.cancellation = exchange.cancellation
    let body = BodySource(exchange)
    do {
      try filter(body, exchange, query, reading)
    } catch {
      try exchange.cancellation.check()
      throw body.problem(error)
    }
  }

  private func filter(
    _ body: BodySource, _ exchange: Exchange, _ query: Query, _ reading: ReadOptions
  ) throws {
    let reader = try ImageReader(body.reader, options: reading)
    let chain = query.chain
    let work = exchange.request.target.items.key
    try exchange.expect(rate.seconds(for: work, on: reader.layout))
    try exchange.slot?.reserve(
      reader.heldBytes + chain.heldBytes(for: reader.layout, limits: reading.limits))
    try rate.measure(work, on: reader.layout, exchange) {
      let filtered = try chain.source(
        over: YieldingRows(reader, exchange), limits: reading.limits, fullSize: reader.fullSize,
        cancellation: exchange.cancellation
      ) { _ in }
      try exchange.answer(filtered, of: reader, query.format, query.writing)
    }
  }

  /// What a query says.
  private struct Query: Sendable {
    let chain: FilterChain
    /// Nil for the format of what comes.
    let format: ImageFormat?
    let writing: WriteOptions
    let lenient: Bool
  }

  private static func query(_ items: [Target.Item]) throws(Problem) -> Query {
    let flags = try CommandFlags(items, allowed: names, takingNoValue: Self.flags)
    for item in items where item.value?.hasPrefix("@") == true {
      throw .badRequest("\(item.name): a request names no files; give the numbers themselves")
    }
    let chain: FilterChain
    let arguments: ChainArguments
    do {
      arguments = try ChainArguments(flags.arguments)
      chain = FilterChain(try arguments.steps.map { try $0.filterStep(ReadOptions()) })
      try chain.check()
    } catch { throw Problem(error) }
    let command: FilterCommand
    do { command = try FilterCommand.parse(arguments.remaining + ["-"]) } catch {
      throw .badRequest(ExpectedValue.complete(FilterCommand.message(for: error)))
    }
    guard !chain.steps.isEmpty || command.encoding.format != nil else {
      throw .badRequest("no filter: name one, as in ?sobel; /api/v1/filters lists them")
    }
    var writing = command.encoding.writeOptions
    if let background = arguments.background {
      do throws(RunError) { writing.background = try BackgroundColor(background: background) } catch
      {
        throw Problem(error)
      }
    }
    if chain.sufficientLongSide != nil, command.encoding.quality == nil { writing.quality = 85 }
    return Query(
      chain: chain, format: command.encoding.format, writing: writing,
      lenient: command.reading.lenient)
  }
}
