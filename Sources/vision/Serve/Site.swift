import Engine
import Files
import Images
import Serving

/// Everything that `vision serve` answers.
struct Site: Sendable {
  private let models: ServedModels
  private let runs: ServedRuns
  private let limits: ServerLimits
  private let reading: ReadOptions

  /// What requests may hold in memory together beside what streams through.
  private static let memory = 96 << 20

  init(
    models: ServedModels, runs: ServedRuns, limits: ServerLimits, reading: ReadOptions
  ) {
    self.models = models
    self.runs = runs
    self.limits = limits
    self.reading = reading
  }

  /// Begins to answer.
  func serve(_ listener: Listener, policy: RequestPolicy) throws -> Server {
    let metrics = Metrics()
    let scheduler = Scheduler(
      processors: processorCount, queue: limits.queue, memory: Self.memory)
    let networks = NetworkThread(models, options: PlanOptions(), metrics: metrics)
    var routes: [Route] = [
      Route(
        "GET", "/healthz", access: .open,
        .immediate { (_) throws(Problem) in Response(type: .text, text: "ok\n") }),
      Route(
        "GET", "/readyz", access: .open,
        .immediate { (_) throws(Problem) in Response(type: .text, text: "ready\n") }),
      Route(
        "GET", "/metrics",
        .immediate { (_) throws(Problem) in
          Response(type: .metrics, text: metrics.text(load: scheduler.load))
        }),
      FilterEndpoint(reading: reading).route,
      ClassifyEndpoint(models: models, networks: networks, reading: reading).route,
      InfoEndpoint(reading: reading).route,
      ExplainEndpoint(models: models, networks: networks, reading: reading).route,
      OptionsEndpoint().route,
      OpenAPIEndpoint().route,
    ]
    let jobs = JobStore(scheduler)
    routes += Verb.all.filter { $0.command is any NetworkCommand.Type }
      .map { RestoreEndpoint(verb: $0, reading: reading).route }
    routes += PageFiles.routes + jobs.routes
    routes += InferenceProtocol(models: models, networks: networks).routes
    routes += GenerateEndpoint(models: models, networks: networks).routes
    routes += ModelsEndpoint(models: models).routes
    routes += RunsEndpoint(runs: runs).routes
    return try Server(
      listener, routes: routes, policy: policy, limits: limits, scheduler: scheduler,
      metrics: metrics, jobs: jobs)
  }
}
