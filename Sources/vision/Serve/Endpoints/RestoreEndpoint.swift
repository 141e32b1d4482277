import Engine
import Files
import Filters
import Images
import Serving

/// `POST upscale`, `denoise` and `segment`: an image through a network, tile by tile, with the command's bytes.
struct RestoreEndpoint: Sendable {
  let verb: Verb
  let reading: ReadOptions

  static let upscaleNames = ["scale", "size", "clean"] + AnswerOptions.names
  static let denoiseNames = ["sigma", "strength", "jpeg", "jpeg-quality"] + AnswerOptions.names
  static let segmentNames = ["overlay", "lenient"]
  private static let flags = Set(["jpeg", "overlay"] + AnswerOptions.flags)

  /// What the tiles of a network take beside the image, at most.
  private static let tileBytes = 48 << 20

  var route: Route {
    Route(
      "POST", "/api/v1/" + verb.path,
      .computed(cost: Self.cost) { exchange in try respond(to: exchange) })
  }

  /// Some seconds a byte of a JPEG.
  private static func cost(_ request: Request) -> Double {
    Double(request.contentLength ?? 4 << 20) * 5e-6
  }

  private func respond(to exchange: Exchange) throws {
    let flags = try CommandFlags(
      exchange.request.target.items, allowed: verb.names, takingNoValue: Self.flags)
    guard let command = verb.command as? any NetworkCommand.Type else { throw Problem.notFound }
    let work = try work(of: command, flags)
    var reading = reading
    reading.lenient = flags.arguments.contains("--lenient")
    let body = BodySource(exchange)
    do { try answer(body, exchange, work, reading) } catch {
      try exchange.cancellation.check()
      throw body.problem(error)
    }
  }

  private func work(
    of command: (some NetworkCommand).Type, _ flags: CommandFlags
  ) throws -> NetworkWork {
    try flags.parse(command, ["-"]).work(PlanOptions(), TileProgress(isShown: false))
  }

  private func answer(
    _ body: BodySource, _ exchange: Exchange, _ work: NetworkWork, _ reading: ReadOptions
  ) throws {
    let reader = try ImageReader(body.reader, options: reading)
    try exchange.slot?.reserve(
      reader.heldBytes + work.chain.heldBytes(for: reader.layout) + Self.tileBytes)
    defer { work.front.finish() }
    let made = try work.front.source(
      over: YieldingRows(reader, exchange), of: reader, limits: reading.limits,
      threads: processorCount)
    let result = try work.chain.source(
      over: made, limits: reading.limits, fullSize: reader.fullSize)
    try exchange.answer(result, of: reader, work.format, work.writing)
  }
}
