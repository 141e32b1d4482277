import Serving

/// `GET runs` and `GET runs/NUMBER/FILE`: trainings under way and done.
struct RunsEndpoint: Sendable {
  let runs: ServedRuns

  var routes: [Route] {
    [
      Route("GET", "/api/v1/runs", .computed(cost: { _ in 0.001 }) { try list($0) }),
      Route("GET", "/api/v1/runs/*/*", .computed(cost: { _ in 0.001 }) { try show($0) }),
    ]
  }

  private struct Listed: Encodable {
    let number: Int
    let name: String
    let files: [String]
  }

  private func list(_ exchange: Exchange) throws {
    let listed = runs.all.enumerated().map {
      Listed(number: $0, name: $1.name, files: runs.files(of: $1))
    }
    exchange.respond(Response(text: try encodeJSON(listed) + "\n"))
  }

  private func show(_ exchange: Exchange) throws {
    let parameters = exchange.request.parameters
    guard let number = Int(parameters[0]), runs.all.indices.contains(number),
      let file = runs.contents(of: parameters[1], in: runs.all[number])
    else { throw Problem.notFound }
    exchange.respond(Response(type: file.type, body: file.bytes))
  }
}
