import Images
import Inference
import Serving

/// `GET generate`: images of random latents in one grid, as `vision gan sample` makes them.
struct GenerateEndpoint: Sendable {
  let models: ServedModels
  let networks: NetworkThread

  static let names = ["n", "seed", "seeds", "columns", "model", "truncation"]
  /// Images in one grid.
  static let mostImages = 256

  static let walkNames = ["seeds", "steps", "model", "truncation"]

  var routes: [Route] {
    [
      Route(
        "GET", "/api/v1/generate", .computed(cost: { _ in 0.02 }) { try answer($0, sample) }),
      Route("GET", "/api/v1/walk", .computed(cost: { _ in 0.05 }) { try answer($0, walk) }),
    ]
  }

  private func answer(_ exchange: Exchange, _ body: (Exchange) throws -> Void) throws {
    do { try body(exchange) } catch {
      try exchange.cancellation.check()
      throw Problem(error)
    }
  }

  private func sample(_ exchange: Exchange) throws {
    let flags = try CommandFlags(exchange.request.target.items, allowed: Self.names)
    // The command's option of one letter.
    let arguments = flags.arguments.map { $0.hasPrefix("--n=") ? "-n=\($0.dropFirst(4))" : $0 }
    let command: GANSampleCommand
    do { command = try GANSampleCommand.parse(arguments) } catch {
      throw Problem.badRequest(ExpectedValue.complete(GANSampleCommand.message(for: error)))
    }
    let seeds = command.chosenSeeds
    guard seeds.count <= Self.mostImages else {
      throw Problem.badRequest("at most \(Self.mostImages) images in one request")
    }
    try respond(exchange, command.generator, columns: command.columns) { sampler in
      seeds.map { command.generator.latent($0, for: sampler) }
    }
  }

  private func walk(_ exchange: Exchange) throws {
    let flags = try CommandFlags(exchange.request.target.items, allowed: Self.walkNames)
    let command = try flags.parse(GANInterpolateCommand.self)
    guard (command.seeds.seeds.count - 1) * command.steps <= Self.mostImages else {
      throw Problem.badRequest("at most \(Self.mostImages) images in one request")
    }
    try respond(exchange, command.generator, columns: command.steps) { command.latents(for: $0) }
  }

  /// - Parameter latents: those of a generator that was loaded.
  private func respond(
    _ exchange: Exchange, _ options: GeneratorOptions, columns: Int?,
    _ latents: @escaping @Sendable (ImageGenerator) -> [[Float]]
  ) throws {
    let model = try models.model(options.model)
    let cancellation = exchange.cancellation
    let pictures = try networks.perform(cancellation) { networks in
      let sampler: ImageGenerator
      do { sampler = try networks.generator(model) } catch {
        throw Problem(422, "the model \(model.name) does not generate images")
      }
      sampler.cancellation = cancellation
      defer { sampler.cancellation = nil }
      var pictures: [Image] = []
      try sampler.images(of: latents(sampler)) { _, picture in
        try cancellation.check()
        pictures.append(picture)
      }
      return pictures
    }.value(exchange.slot)
    let grid: Image
    do { grid = try Image(montage: pictures, columns: columns) } catch {
      throw Problem.badRequest("\(error)")
    }
    var options = WriteOptions()
    options.cancellation = cancellation
    exchange.respond(Response(type: .png, body: try grid.encoded(options)))
  }
}
