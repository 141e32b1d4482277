import Datasets
import Graphs
import ModelFiles
import Networks
import Tensors
import Training

/// Series of four or eight numbers and the mean of each: two shapes. Some may be unreadable.
struct MeanSeries: ExampleSource {
  let count = 24
  var unreadable: Set<Int> = []
  func bucket(of index: Int) -> Int { index % 3 == 0 ? 1 : 0 }
  func slots(bucket: Int) -> [ExampleSlot] {
    [ExampleSlot("series", [bucket == 0 ? 4 : 8]), ExampleSlot("mean", [1])]
  }
  func name(of index: Int) -> String { "series \(index)" }

  func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    if unreadable.contains(index) { throw UnreadableExample("it cannot be read") }
    var numbers = RandomSource(seed: UInt64(index))
    // In training each is moved a little, as an augmentation does.
    var noise = random ?? RandomSource(seed: 0)
    let move = random == nil ? 0 : 0.01 * noise.normal()
    let series = places.floats("series")
    for place in series.indices { series[place] = numbers.normal() + move }
    places.floats("mean")[0] = series.reduce(0, +) / Float(series.count)
  }
}

/// What the contract of a task promises, in one task: two phases, the second of which takes over the
/// weights of the first; two shapes; two optimizers; a frozen network; a variable that remembers.
struct SeriesTask: LearningTask {
  static let id = "series"
  static let examples = "series"

  var epochs = 2
  var learningRate: Float = 0.05
  var unreadable: Set<Int> = []

  /// Makes four features of a mean and a mean square; never trained.
  let lens = Network(input: [2]) { Dense(4, activation: .tanh) }
  let body = Network(input: [4]) {
    Dropout(0.1)
    Dense(1)
  }

  var configuration: any Encodable & Sendable { ["learningRate": learningRate] }
  var phases: [any Phase] { [First(task: self), Second(task: self)] }
  static let columns = [
    Column("loss", title: "loss", format: .significant, chart: "Loss"),
    Column("remembered", title: "remembered", format: .significant, chart: "Loss"),
    Column("error", title: "error", format: .significant, chart: "Error"),
  ]

  /// Trains the body alone.
  struct First: Phase {
    let task: SeriesTask
    var plan: PhasePlan {
      PhasePlan(id: "first", epochs: 1, batchSize: 4, ema: EMA(halfLife: 20), emaScope: "body.")
    }
    let variants = [Variant("short"), Variant("long", bucket: 1)]
    func variant(step: Int, bucket: Int) -> Variant { variants[bucket] }
    func examples(_ context: PhaseContext) -> any ExampleSource { task.source }
    func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
      try task.build(into: step, tail: nil)
    }
    func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures { task.measure(snapshot) }
  }

  /// Goes on with the body, and trains a correction of it with an optimizer of its own.
  struct Second: Phase {
    let task: SeriesTask
    var plan: PhasePlan {
      PhasePlan(
        id: "second", epochs: task.epochs, batchSize: 4, schedule: { .linear(steps: $0) },
        ema: EMA(halfLife: 20), emaScope: "body.",
        selection: Selection(("error", largest: false)), recovery: .halvedRates)
    }
    let variants = [Variant("short"), Variant("long", bucket: 1)]
    func variant(step: Int, bucket: Int) -> Variant { variants[bucket] }
    func examples(_ context: PhaseContext) -> any ExampleSource { task.source }
    func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
      try task.build(into: step, tail: Network(input: [4]) { Dense(1) })
    }
    func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures { task.measure(snapshot) }
  }

  private var source: MeanSeries { MeanSeries(unreadable: unreadable) }

  private func build(into step: StepBuilder, tail: Network?) throws(TrainingError) {
    do {
      let (series, target) = (try step.input("series"), try step.input("mean"))
      let moments = try step.graph.apply(
        Concatenate(axis: 1),
        series.mean(axes: [1], keepsAxes: true),
        series.map(.square).mean(axes: [1], keepsAxes: true))
      let seen = try lens.build(on: moments, mode: .inference, scope: "lens")
      var values = TensorTable()
      for variable in step.graph.variables {
        values[variable.name] = variable.initialValue(random: RandomSource(seed: 3))
      }
      step.freeze(values)

      let body = try body.build(on: seen.output, mode: .training, scope: "body")
      let loss = try Loss.meanSquaredError(body.output, target)
      try step.minimize(
        loss, body.parameters, with: Optimizer(.sgd(momentum: 0.9)), learningRate: learningRate,
        scope: "body")
      if let tail {
        let tail = try tail.build(on: seen.output, mode: .training, scope: "tail")
        try step.minimize(
          Loss.meanSquaredError(tail.output, target - body.output), tail.parameters,
          with: Optimizer(.adam()), learningRate: learningRate / 10,
          stoppingGradientsAt: [body.output],
          scope: "tail")
      }
      let memory = try step.graph.buffer("memory", [], .zeros)
      let remembered = try 0.9 * memory + 0.1 * loss
      try step.graph.assign(memory, remembered)
      step.report("loss", loss)
      step.report("remembered", remembered)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// How far the body's bias is from 0, the best value: a number that averages and phases change.
  private func measure(_ snapshot: Snapshot) -> Measures {
    Measures(["error": Double(abs(snapshot["body.dense1.bias"]?.scalars[0] ?? .nan))])
  }

  func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    try snapshot.modelFile(of: body, scope: "body", card: ModelCard(name: "series"))
  }
}
