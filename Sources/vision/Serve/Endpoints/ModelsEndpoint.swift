import Datasets
import Inference
import ModelFiles
import Segmentation
import Serving

/// `GET models` and `GET models/NAME`: what the server's networks are.
struct ModelsEndpoint: Sendable {
  let models: ServedModels

  var routes: [Route] {
    [
      Route("GET", "/api/v1/models", .computed(cost: { _ in 0.01 }) { try list($0) }),
      Route("GET", "/api/v1/models/*", .computed(cost: { _ in 0.01 }) { try describe($0) }),
    ]
  }

  private struct Listed: Encodable {
    let name: String
    let bytes: Int
    let task: String
    let classes: Int
    let summary: String
    let metrics: [String: Double]
  }

  /// What `vision summary --json` prints, and of a segmenter what its masks hold.
  private struct Described: Encodable {
    let report: SummaryReport
    let masks: MaskClasses?

    private enum CodingKeys: CodingKey { case masks }

    func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(masks, forKey: .masks)
    }
  }

  private func list(_ exchange: Exchange) throws {
    let listed = models.all.compactMap { model -> Listed? in
      guard let described = try? model.described() else { return nil }
      return Listed(
        name: model.name, bytes: model.byteCount, task: described.task.rawValue,
        classes: described.card.classNames.count, summary: described.card.summary,
        metrics: described.card.metrics)
    }
    exchange.respond(Response(text: try encodeJSON(listed) + "\n"))
  }

  private func describe(_ exchange: Exchange) throws {
    guard let model = models.all.first(where: { $0.name == exchange.request.parameters[0] }) else {
      throw Problem.notFound
    }
    do {
      let described = try model.described()
      let report = SummaryReport(
        name: model.name, try described.network.summary(), described.card)
      let answer = Described(report: report, masks: Segmenter.masks(of: described))
      exchange.respond(Response(text: try encodeJSON(object: answer) + "\n"))
    } catch { throw Problem(error) }
  }
}
