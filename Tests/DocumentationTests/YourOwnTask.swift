import Datasets
import ModelFiles
import Networks
import Tensors
import Training

/// Points of the line y = 2x + 1.
struct LinePoints: ExampleSource {
  let count = 32
  func slots(bucket: Int) -> [ExampleSlot] { [ExampleSlot("x", [1]), ExampleSlot("y", [1])] }
  func name(of index: Int) -> String { "point \(index)" }

  func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    let x = Float(index) / 16 - 1
    places.floats("x")[0] = x
    places.floats("y")[0] = 2 * x + 1
  }
}

/// Fits a line to points: a task and its only phase.
struct LineTask: LearningTask, Phase {
  static let id = "line"
  static let columns = [
    Column("loss", title: "loss", format: .significant, chart: "Loss")
  ]
  let network = Network(input: [1]) { Dense(1) }

  var configuration: any Encodable & Sendable { ["optimizer": "sgd"] }
  var phases: [any Phase] { [self] }

  var plan: PhasePlan {
    PhasePlan(
      id: "fit", epochs: 20, batchSize: 8, selection: Selection(("loss", largest: false)))
  }

  func examples(_ context: PhaseContext) -> any ExampleSource { LinePoints() }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let line = try network.build(on: step.input("x"), mode: .training)
      let loss = try Loss.meanSquaredError(line.output, step.input("y"))
      try step.minimize(loss, line.parameters, with: Optimizer(.sgd()), learningRate: 0.2)
      step.report("loss", loss)
    } catch { throw TrainingError(wrapping: error) }
  }

  func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    try snapshot.modelFile(of: network, card: ModelCard(name: "line"))
  }
}

/// Trains it into a run folder, or resumes.
func fitLine(into folder: String) throws -> TrainingOutcome {
  try Trainer(LineTask(), folder: RunFolder(path: folder)).train { event in
    if case .epoch(let report) = event { print("epoch", report.epoch, report.values) }
  }
}
