import Files
import FoundationEssentials
import Images
import Inference
import Serving

/// `POST explain`: what a classifier sees in an image, as the command's JSON with the figures in it.
struct ExplainEndpoint: Sendable {
  let models: ServedModels
  let networks: NetworkThread
  let reading: ReadOptions

  static let names = ["model", "class", "layer", "lenient"]

  var route: Route {
    Route("POST", "/api/v1/explain", .computed(cost: { _ in 0.2 }) { try respond(to: $0) })
  }

  private struct Figure: Encodable {
    let path: String
    let shows: String
    /// Base 64.
    let png: Data
  }

  private struct Answer: Encodable, Sendable {
    let report: ExplanationReport
    let images: [Figure]

    private enum CodingKeys: CodingKey { case images }

    func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(images, forKey: .images)
    }
  }

  private func respond(to exchange: Exchange) throws {
    let flags = try CommandFlags(
      exchange.request.target.items, allowed: Self.names, takingNoValue: ["lenient"])
    let command = try flags.parse(ExplainCommand.self, ["-", "--output=-"])
    let body = BodySource(exchange)
    do {
      let model = try models.model(command.model.model)
      var reading = reading
      reading.lenient = command.reading.lenient
      reading.cancellation = exchange.cancellation
      let reader = try ImageReader(body.reader, options: reading)
      try exchange.slot?.reserve(reader.heldBytes + reader.layout.byteCount)
      let image = try Image(reading: YieldingRows(reader, exchange))
      let cancellation = exchange.cancellation
      let answer = try networks.perform(cancellation) { networks in
        try Self.explain(image, command, model, networks, cancellation)
      }.value(exchange.slot)
      exchange.respond(Response(text: try encodeJSON(object: answer) + "\n"))
    } catch {
      try exchange.cancellation.check()
      throw body.problem(error)
    }
  }

  private static func explain(
    _ image: Image, _ command: ExplainCommand, _ model: ServedModel,
    _ networks: NetworkThread.Networks, _ cancellation: Cancellation
  ) throws -> Answer {
    let classifier: Classifier
    do { classifier = try networks.classifier(model) } catch {
      throw Problem(422, "the model \(model.name) does not classify images")
    }
    var index: Int?
    if let label = command.label {
      index = classifier.card.classNames.firstIndex(of: label)
      guard index != nil else { throw Problem.badRequest("the model has no class \(label)") }
    }
    var options = networks.planOptions
    options.cancellation = cancellation
    var writing = WriteOptions()
    writing.cancellation = cancellation
    var images: [Figure] = []
    var explanation = ExplanationWriter(
      classifier,
      into: FigureCollection { image, name, shows in
        try cancellation.check()
        let png = Data(try image.encoded(writing))
        images.append(Figure(path: name, shows: shows, png: png))
      }, options: options)
    try explanation.write(image: image, chosen: index, layer: command.layer)
    return Answer(report: explanation.report, images: images)
  }
}
