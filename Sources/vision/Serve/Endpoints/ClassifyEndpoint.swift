import Datasets
import Files
import Images
import Inference
import Serving

/// `POST classify`: labels of one image as the command's JSON, of several as a line of JSON each.
struct ClassifyEndpoint: Sendable {
  let models: ServedModels
  let networks: NetworkThread
  let reading: ReadOptions
  private let queries = QueryCache<Query>()

  static let names = ["model", "top", "threshold", "lenient"]
  /// Images in one request.
  static let mostImages = 64
  /// Images of one request that are decoded and not yet classified.
  private static let ahead = 8

  var route: Route {
    Route(
      "POST", "/api/v1/classify",
      .computed(cost: Self.cost) { exchange in try respond(to: exchange) })
  }

  private static func cost(_ request: Request) -> Double {
    0.002 + Double(request.contentLength ?? 1 << 20) * 1e-8
  }

  /// What is asked of each image.
  private struct Query: Sendable {
    let model: ServedModel
    let facts: ServedModel.ClassifierFacts
    /// Labels that were asked for.
    let wantedTop: Int?
    let threshold: Double
    var reading: ReadOptions

    /// Labels that each image gets.
    var top: Int { min(wantedTop ?? facts.usualLabelCount, facts.classNames.count) }

    func result(_ name: String, _ classification: Classification) -> ClassifiedImage {
      ClassifiedImage(
        path: FilePath(argument: name), classification,
        threshold: threshold, severalMayHold: facts.severalMayHold, showsAll: wantedTop != nil)
    }
  }

  private func respond(to exchange: Exchange) throws {
    let query: Query
    do {
      let items = exchange.request.target.items
      query = try queries.meaning(of: items) { try self.query(items) }
    } catch { throw Problem(error) }
    if exchange.request.contentType == "multipart/form-data" {
      return try respondToParts(exchange, query)
    }
    let body = BodySource(exchange)
    do {
      let pending = try classify(body, exchange, query)
      let result = query.result("-", try pending.value(exchange.slot))
      exchange.respond(Response(text: try encodeJSON([result]) + "\n"))
    } catch {
      try exchange.cancellation.check()
      throw body.problem(error)
    }
  }

  private func query(_ items: [Target.Item]) throws -> Query {
    let flags = try CommandFlags(items, allowed: Self.names, takingNoValue: ["lenient"])
    let command = try flags.parse(ClassifyCommand.self, ["-"])
    let isNamed = items.contains { $0.name == "model" }
    let model = try models.model(
      isNamed ? command.model.model : defaultModel(command.model.model))
    let facts: ServedModel.ClassifierFacts
    do throws(InferenceError) { facts = try model.classifierFacts() } catch {
      throw Problem(422, "the model \(model.name) does not classify images")
    }
    var reading = reading
    reading.lenient = command.reading.lenient
    reading.sufficientSide = facts.sufficientSide
    return Query(
      model: model, facts: facts, wantedTop: command.top,
      threshold: command.threshold ?? facts.usualThreshold, reading: reading)
  }

  /// The command's default, or the first classifier where this server has not that one.
  private func defaultModel(_ name: String) -> String {
    if models.all.contains(where: { $0.name == name }) { return name }
    return models.all.first { (try? $0.classifierFacts()) != nil }?.name ?? name
  }

  /// Decodes an image and hands it to the network.
  private func classify(
    _ body: BodySource, _ exchange: Exchange, _ query: Query
  ) throws -> Pending<Classification> {
    var reading = query.reading
    reading.cancellation = exchange.cancellation
    let reader = try ImageReader(body.reader, options: reading)
    try query.reading.limits.checkMemory(
      reader.layout.byteCount, for: "an image of this size in memory")
    try exchange.slot?.reserve(reader.heldBytes + reader.layout.byteCount)
    let image = try Image(reading: YieldingRows(reader, exchange))
    let values = try query.facts.preprocessing.values(of: image)
    return networks.classify(
      .init(values: values, top: query.top), query.model, exchange.cancellation)
  }

  // MARK: - Several images

  /// A row that is not yet written.
  private struct Row {
    let name: String
    let result: Result<Pending<Classification>, Problem>

    var isReady: Bool {
      switch result {
      case .success(let pending): pending.isReady
      case .failure: true
      }
    }
  }

  private struct FailedRow: Encodable {
    let path: String
    let error: String
    let status: Int
  }

  private func respondToParts(_ exchange: Exchange, _ query: Query) throws {
    let parts = try MultipartReader(
      contentType: exchange.request.value("Content-Type") ?? "", pull: exchange.readBody)
    var rows: [Row] = []
    var count = 0
    while let part = try parts.next() {
      guard part.fileName != nil else {
        throw Problem.badRequest("the field \(part.name) is no file; options belong to the address")
      }
      count += 1
      guard count <= Self.mostImages else {
        throw Problem(
          413, "more than \(Self.mostImages) images; send the others in another request")
      }
      if count == 1 { exchange.begin(.lines) }
      let name = part.fileName.map { $0.isEmpty ? "image \(count)" : $0 } ?? ""
      rows.append(Row(name: name, result: try decode(parts, exchange, query)))
      while rows.count > Self.ahead || rows.first?.isReady == true {
        try write(rows.removeFirst(), exchange, query)
      }
    }
    guard count > 0 else { throw Problem.badRequest("no images; send them as files of the form") }
    for row in rows { try write(row, exchange, query) }
    exchange.end()
  }

  /// One part; what is wrong with it is its own.
  private func decode(
    _ parts: MultipartReader, _ exchange: Exchange, _ query: Query
  ) throws -> Result<Pending<Classification>, Problem> {
    let body = BodySource { try parts.read(into: $0) }
    do { return .success(try classify(body, exchange, query)) } catch {
      try exchange.cancellation.check()
      // The connection's failures and a broken form are of all parts.
      if let failure = body.failure { throw failure }
      return .failure(Problem(body.problem(error)))
    }
  }

  private func write(_ row: Row, _ exchange: Exchange, _ query: Query) throws {
    let line: String
    do {
      let classification = try row.result.get().value(exchange.slot)
      line = try encodeJSON(line: query.result(row.name, classification))
    } catch {
      try exchange.cancellation.check()
      let problem = Problem(error)
      line = try encodeJSON(
        line: FailedRow(path: row.name, error: problem.detail, status: problem.status))
    }
    try exchange.write(line + "\n")
  }
}
