import Datasets
import Engine
import Figures
import Images
import Inference
import ModelFiles
import Networks
import Training

/// Learning to say how a series goes on.
public struct ForecastTask: LearningTask, Phase {
  public static let id = ModelTask.forecasting.rawValue
  public static let examples = "windows"

  /// How it is trained.
  public struct Recipe: Sendable, Hashable, Encodable {
    public var epochs = 10
    public var batchSize = 64
    public var learningRate: Float = 1e-3
    /// Stop when the validation error has not fallen for so many epochs; nil never stops early.
    public var patience: Int?

    public init() {}

    private enum CodingKeys: CodingKey { case batchSize, learningRate, patience }
  }

  struct Configuration: Encodable, Sendable {
    var settings: ForecastSettings
    var recipe: Recipe
  }

  public let series: ForecastSeries
  public let network: Network
  public let recipe: Recipe
  public let data: [DataIdentity]
  let scale: ForecastScale
  let card: ModelCard

  /// - Parameter path: where the series lies.
  public init(
    _ series: ForecastSeries, recipe: Recipe, path: String, card: ModelCard
  ) throws(TrainingError) {
    guard (1...1_000_000).contains(recipe.epochs), (1...65_536).contains(recipe.batchSize),
      recipe.learningRate.isFinite, recipe.learningRate > 0
    else { throw .options("epochs, batch size and learning rate must be above 0") }
    self.series = series
    self.recipe = recipe
    self.card = card
    data = [DataIdentity(path: path, names: [path])]
    scale = series.scale()
    do throws(NetworkError) { network = try ForecastNetworks.network(series.settings) } catch {
      throw .options("\(error)")
    }
  }

  public var configuration: any Encodable & Sendable {
    Configuration(settings: series.settings, recipe: recipe)
  }
  public var phases: [any Phase] { [self] }

  public static let columns = [
    Column("learning_rate", title: "rate", format: .significant, chart: "", isShown: false),
    Column(
      "loss", title: "loss", format: .decimals(4), chart: "Loss", series: "training",
      isDashed: true),
    Column(
      "validation_loss", title: "val. loss", format: .decimals(4), chart: "Loss",
      series: "validation"),
    Column(
      "validation_rmse", title: "val. RMSE", format: .significant, chart: "RMSE",
      series: "validation"),
    Column(
      "validation_skill", title: "val. skill", format: .decimals(4), chart: "Skill",
      series: "validation, 0 is the last value repeated"),
  ]

  // MARK: - The phase

  public var plan: PhasePlan {
    PhasePlan(
      id: "network", epochs: recipe.epochs, batchSize: min(recipe.batchSize, series.training.count),
      schedule: { steps in
        .warmup(steps: max(steps / 20, 1), then: .cosine(steps: max(steps - max(steps / 20, 1), 1)))
      },
      selection: Selection(("validation_loss", largest: false)), patience: recipe.patience)
  }

  public func examples(_ context: PhaseContext) -> any ExampleSource {
    ForecastExamples(series: series, scale: scale, targets: series.training)
  }

  public func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let built = try network.build(on: step.input(ForecastExamples.series), mode: .training)
      let loss = try Loss.meanSquaredError(built.output, step.input(ForecastExamples.target))
      try step.minimize(
        loss, built.parameters, with: Optimizer(.adam(), clipping: .norm(1)),
        learningRate: recipe.learningRate)
      step.report("loss", loss)
    } catch { throw TrainingError(wrapping: error) }
  }

  public func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    do {
      let forecaster = try snapshot.tool { () throws(InferenceError) in
        Forecaster(
          runner: try BatchRunner(
            network, variables: snapshot.variables, batchSize: 32, scope: snapshot.scope,
            options: snapshot.context.options),
          record: record(lower: [], upper: []))
      }
      let said = try forecaster.said(series, targets: series.validation)
      var errors = [[Double]](repeating: [], count: series.settings.horizon)
      var loss = 0.0
      for (target, values) in zip(series.validation, said) {
        for (ahead, wanted) in series.wanted(target: target).enumerated() {
          let error = wanted - values[ahead]
          errors[ahead].append(error)
          loss += error * error / (scale.targetStd[ahead] * scale.targetStd[ahead])
        }
      }
      let horizon = series.settings.horizon
      let metrics = ForecastMetrics(
        series, targets: series.validation,
        said: zip(series.validation, said).map {
          series.level($1[horizon - 1], base: $0 - horizon)
        })
      return Measures(
        [
          "validation_loss": loss / Double(max(1, errors.count * (errors.first?.count ?? 1))),
          "validation_rmse": metrics.forecast.rmse, "validation_skill": metrics.skill,
        ],
        details: record(
          lower: errors.map { Self.quantile($0, 0.1) }, upper: errors.map { Self.quantile($0, 0.9) }
        ))
    } catch { throw TrainingError(wrapping: error) }
  }

  private func record(lower: [Double], upper: [Double]) -> Forecaster.Record {
    Forecaster.Record(
      settings: series.settings, scale: scale, lower: lower, upper: upper,
      trainedRows: series.trainedRows)
  }

  /// What a share of some numbers lies below.
  static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.indices.last else { return 0 }
    let place = share * Double(last)
    let low = Int(place)
    let rest = place - Double(low)
    return sorted[low] * (1 - rest) + sorted[min(low + 1, last)] * rest
  }

  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    let zeros = [Double](repeating: 0, count: series.settings.horizon)
    let record = measures.details as? Forecaster.Record ?? record(lower: zeros, upper: zeros)
    card.metrics = [
      "rmse": measures.values["validation_rmse"] ?? 0,
      "skill": measures.values["validation_skill"] ?? 0,
    ]
    card.evaluatedOn = "\(series.validation.count) validation rows"
    let text: String
    do throws(ModelFileError) { text = try JSONText.encode(record) } catch {
      throw TrainingError(wrapping: error)
    }
    var file = try snapshot.modelFile(
      of: network, card: card, metadata: [Forecaster.metadataKey: text])
    file.task = .forecasting
    return file
  }

  /// Draws `forecast.png`: the validation part with what is said of it, and the last value repeated.
  public func finish(in folder: RunFolder, _ context: PhaseContext) throws(TrainingError) {
    guard folder.contains(folder.best) else { return }
    do {
      let forecaster = try Forecaster(path: folder.best, options: context.options)
      let said = try forecaster.levels(series, targets: series.validation)
      try folder.draw(to: folder.file("forecast.png")) { () throws(FigureError) in
        try ForecastFigure.rendered(
          series, targets: series.validation, said: said, title: "\(card.name): validation")
      }
    } catch { throw TrainingError(wrapping: error) }
  }
}

/// Truth, forecast and the last value repeated as curves: of all rows, and of the last ones, where they can
/// be told apart.
public enum ForecastFigure {
  /// Rows that are shown once more, larger.
  private static let enlargedRows = 60

  public static func rendered(
    _ series: ForecastSeries, targets: Range<Int>, said: [Double], title: String
  ) throws(FigureError) -> Image {
    let charts = [targets, targets.suffix(enlargedRows)].map { rows in
      chart(
        series, rows: rows, said: said.suffix(rows.count),
        title: rows == targets ? title : "The last \(rows.count) rows")
    }
    return try LineChart.rendered(targets.count > enlargedRows ? charts : [charts[0]])
  }

  private static func chart(
    _ series: ForecastSeries, rows: Range<Int>, said: ArraySlice<Double>, title: String
  ) -> LineChart {
    func points(_ values: [Double]) -> [LineChart.Series.Point] {
      zip(rows, values).map { LineChart.Series.Point(x: Double($0 + 2), y: $1) }
    }
    let horizon = series.settings.horizon
    return LineChart(
      title: title, xLabel: "row", yLabel: series.settings.column,
      series: [
        LineChart.Series("true", points: points(rows.map { series.levels[$0] })),
        LineChart.Series("forecast", points: points(Array(said))),
        LineChart.Series(
          "last value repeated", points: points(rows.map { series.levels[$0 - horizon] }),
          style: .dashed),
      ])
  }
}
