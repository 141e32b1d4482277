import Engine
import Files
import Filters
import Images
import Inference
import Serving

/// `POST upscale`, `denoise` and `segment`: an image through a network, tile by tile, with the command's bytes.
struct RestoreEndpoint: Sendable {
  let verb: Verb
  let reading: ReadOptions

  static let upscaleNames = ["scale", "size", "clean"] + AnswerOptions.names
  static let denoiseNames = ["sigma", "strength", "jpeg", "jpeg-quality"] + AnswerOptions.names
  static let segmentNames = ["overlay", "lenient"]
  private static let flags = Set(["jpeg", "overlay"] + AnswerOptions.flags)
  private let rate: WorkRate

  init(verb: Verb, reading: ReadOptions) {
    self.verb = verb
    self.reading = reading
    // Seconds of one processor for a megapixel, of networks as large as those that ship.
    let guesses = ["upscale": 2.2, "denoise": 1.6, "segment": 0.5]
    let guess = (guesses[verb.path] ?? 1) / Double(processorCount)
    rate = WorkRate { _ in guess }
  }

  /// What the tiles of a network take beside the image, at most.
  private static let tileBytes = 48 << 20

  var route: Route {
    Route(
      "POST", "/api/v1/" + verb.path,
      .computed(cost: Self.cost, mayTakeLong: true) { exchange in try respond(to: exchange) })
  }

  /// Some seconds a byte of a JPEG.
  private static func cost(_ request: Request) -> Double {
    Double(request.contentLength ?? 4 << 20) * 5e-6
  }

  private func respond(to exchange: Exchange) throws {
    let flags = try CommandFlags(
      exchange.request.target.items, allowed: verb.names, takingNoValue: Self.flags)
    guard let type = verb.command as? any NetworkCommand.Type else { throw Problem.notFound }
    let command = try Self.parse(type, flags)
    var reading = reading
    reading.lenient = flags.arguments.contains("--lenient")
    reading.cancellation = exchange.cancellation
    let body = BodySource(exchange)
    do { try answer(body, exchange, command, reading) } catch {
      try exchange.cancellation.check()
      throw body.problem(error)
    }
  }

  private static func parse(
    _ command: (some NetworkCommand).Type, _ flags: CommandFlags
  ) throws(Problem) -> any NetworkCommand {
    try flags.parse(command, ["-"])
  }

  private func answer(
    _ body: BodySource, _ exchange: Exchange, _ command: any NetworkCommand,
    _ reading: ReadOptions
  ) throws {
    let reader = try ImageReader(body.reader, options: reading)
    let kind = exchange.request.target.items.key
    try exchange.expect(rate.seconds(for: kind, on: reader.layout))
    let progress = TileProgress { share throws(InferenceError) in
      if exchange.cancellation.isCancelled { throw .invalid("given up") }
      exchange.report(share)
    }
    let work = try command.work(PlanOptions(cancellation: exchange.cancellation), progress)
    try exchange.slot?.reserve(
      reader.heldBytes + work.chain.heldBytes(for: reader.layout, limits: reading.limits)
        + Self.tileBytes)
    defer { work.front.finish() }
    try rate.measure(kind, on: reader.layout, exchange) {
      let made = try work.front.source(
        over: YieldingRows(reader, exchange), of: reader, limits: reading.limits,
        threads: processorCount)
      let result = try work.chain.source(
        over: made, limits: reading.limits, fullSize: reader.fullSize,
        cancellation: exchange.cancellation)
      try exchange.answer(result, of: reader, work.format, work.writing)
    }
  }
}
