import Images
import Serving

/// `POST info`: what an image file holds, as the command's JSON.
struct InfoEndpoint: Sendable {
  let reading: ReadOptions

  static let names = ["matrix", "crop", "lenient"]

  var route: Route {
    Route("POST", "/api/v1/info", .computed(cost: { _ in 0.001 }) { try respond(to: $0) })
  }

  private func respond(to exchange: Exchange) throws {
    let flags = try CommandFlags(
      exchange.request.target.items, allowed: Self.names, takingNoValue: ["matrix", "lenient"])
    let command = try flags.parse(InfoCommand.self, ["-"])
    var reading = reading
    reading.lenient = command.reading.lenient
    reading.cancellation = exchange.cancellation
    let body = BodySource(exchange)
    do {
      let reader = try ImageReader(body.reader, options: reading)
      var facts = ImageInfoReport(
        FilePath(argument: "-"), reader.info, upright: reader.layout)
      if command.matrix || command.crop != nil {
        try exchange.slot?.reserve(reader.heldBytes)
        facts.matrix = try PixelMatrix(reader, crop: command.crop)
      }
      exchange.respond(Response(text: try encodeJSON([facts]) + "\n"))
    } catch {
      try exchange.cancellation.check()
      throw body.problem(error)
    }
  }
}
