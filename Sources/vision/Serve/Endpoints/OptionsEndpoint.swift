import Filters
import Serving

/// `GET options`: what the filters and verbs take, from which the page makes its panels.
struct OptionsEndpoint: Sendable {
  private struct DescribedFilter: Encodable {
    let name: String
    let summary: String
    let kernel: String
    let normalization: String
    let range: String
    let parameter: DescribedOption?
  }

  private struct Description: Encodable {
    let filters: [DescribedFilter]
    let modifiers: [DescribedOption]
    let verbs: [String: [DescribedOption]]
  }

  var route: Route {
    Route("GET", "/api/v1/options", .computed(cost: { _ in 0.001 }) { try respond(to: $0) })
  }

  private func respond(to exchange: Exchange) throws {
    exchange.respond(Response(text: try Self.text.get() + "\n"))
  }

  private static let text = Result {
    let description = Description(
      filters: Filter.catalog.map { filter in
        DescribedFilter(
          name: filter.name, summary: filter.summary, kernel: filter.kernel,
          normalization: filter.normalization, range: filter.range,
          parameter: DescribedOption(argumentOf: filter))
      },
      modifiers: Modifier.all.filter { FilterEndpoint.names.contains($0.name) }
        .map(DescribedOption.init),
      verbs: Dictionary(
        uniqueKeysWithValues: Verb.all.map { verb in
          (
            verb.path,
            DescribedOption.options(of: verb.command, named: verb.names)
          )
        }))
    return try encodeJSON(object: description)
  }
}
