import Datasets
import Engine
import ModelFiles
import Networks

/// Something that can be learned: what is its own about it, and nothing of how a training goes.
///
/// A ``Trainer`` does the rest: epochs, schedules, averages, checkpoints, logs, interruption. A task is
/// a value that describes; what a training remembers are variables of its steps' graphs.
public protocol LearningTask {
  /// The task's name in configurations, checkpoints and model files, such as `classification`.
  static var id: String { get }
  /// What an example is called in the plural, such as `images`.
  static var examples: String { get }
  /// Everything that decides the bytes of the result, except data, seed, threads and epochs. A field
  /// that is added later is optional, nil meaning what was done before: a missing key equals null.
  var configuration: any Encodable & Sendable { get }
  /// The data that is learned from and measured by.
  var data: [DataIdentity] { get }
  /// What is trained one after the other, mostly one phase.
  var phases: [any Phase] { get }
  /// The numbers of the log, in its order, with how they are shown.
  static var columns: [Column] { get }
  /// The same of this very task, where they go with what it learns from.
  var columns: [Column] { get }
  /// The model that a person uses: the values of a snapshot, with its card.
  ///
  /// - Parameter measures: of the snapshot.
  func modelFile(_ snapshot: Snapshot, _ measures: Measures) throws(TrainingError) -> ModelFile
  /// Draws the figures of the end, from the best model in the run folder.
  func finish(in folder: RunFolder, _ context: PhaseContext) throws(TrainingError)
}

extension LearningTask {
  public static var examples: String { "examples" }
  public var data: [DataIdentity] { [] }
  public var columns: [Column] { Self.columns }
  public func finish(in folder: RunFolder, _ context: PhaseContext) throws(TrainingError) {}
}

/// A part of a training with examples, steps and a schedule of its own: a new head, then the whole
/// network; small images, then large ones.
public protocol Phase {
  var plan: PhasePlan { get }
  /// The values of variables that do not begin at random. Asked for when the phase begins; a variable
  /// that is carried over from the phase before keeps that value.
  func initialValues(_ context: PhaseContext) throws(TrainingError) -> TensorTable
  /// What is learned from. May compute features first.
  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource
  /// The kinds of steps, in the order in which they are planned.
  var variants: [Variant] { get }
  /// Which of them a step is.
  ///
  /// - Parameters:
  ///   - step: steps of the phase before it.
  ///   - bucket: of the batch's examples; see ``ExampleSource/bucket(of:)``.
  func variant(step: Int, bucket: Int) -> Variant
  /// Adds to the graph what a step computes: inputs, what is minimized, what is reported.
  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError)
  /// Measures the state after an epoch; ``TrainingError/interrupted`` where a stop was asked for.
  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures
  /// Draws the figures of an epoch.
  func draw(_ snapshot: Snapshot, in folder: RunFolder) throws(TrainingError)
}

extension Phase {
  public func initialValues(_ context: PhaseContext) throws(TrainingError) -> TensorTable {
    TensorTable()
  }
  public var variants: [Variant] { [Variant("step")] }
  public func variant(step: Int, bucket: Int) -> Variant { variants[0] }
  public func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures { Measures() }
  public func draw(_ snapshot: Snapshot, in folder: RunFolder) throws(TrainingError) {}
}

/// A kind of step: each has a graph and a plan.
public struct Variant: Hashable, Sendable {
  public let name: String
  /// The bucket of examples whose shapes its inputs have.
  public let bucket: Int

  public init(_ name: String, bucket: Int = 0) {
    self.name = name
    self.bucket = bucket
  }
}

/// How a phase goes.
public struct PhasePlan: Sendable {
  /// The name of the phase's random streams.
  public var id: String
  public var epochs: Int
  /// Examples in a step.
  public var batchSize: Int
  /// Steps in an epoch; nil for one pass over the examples.
  public var stepsPerEpoch: Int?
  /// How learning rates change over so many steps.
  public var schedule: @Sendable (_ steps: Int) -> Schedule
  public var precision: Precision
  /// The average that is measured and kept in place of the last values; nil for none.
  public var ema: EMA?
  /// What the names of the averaged variables begin with; nil averages all networks.
  public var emaScope: String?
  /// Which epoch is the best; nil keeps the last one.
  public var selection: Selection?
  /// The phase ends when no epoch has been the best for so many epochs; nil never ends it early.
  public var patience: Int?
  /// What the phase takes over from the one before, by name.
  public var carriesOver: CarryOver
  /// What follows a number that is not finite.
  public var recovery: Recovery
  /// Whether the phase only prepares the training: its epochs are numbered up to 0.
  public var isPreparation: Bool

  public init(
    id: String, epochs: Int, batchSize: Int, stepsPerEpoch: Int? = nil,
    schedule: @escaping @Sendable (_ steps: Int) -> Schedule = { _ in .constant },
    precision: Precision = .float32, ema: EMA? = nil, emaScope: String? = nil,
    selection: Selection? = nil, patience: Int? = nil, carriesOver: CarryOver = .weights,
    recovery: Recovery = .stop, isPreparation: Bool = false
  ) {
    self.id = id
    self.epochs = epochs
    self.batchSize = batchSize
    self.stepsPerEpoch = stepsPerEpoch
    self.schedule = schedule
    self.precision = precision
    self.ema = ema
    self.emaScope = emaScope
    self.selection = selection
    self.patience = patience
    self.carriesOver = carriesOver
    self.recovery = recovery
    self.isPreparation = isPreparation
  }
}

/// What a phase takes over from the one before.
public enum CarryOver: Sendable {
  /// The values of networks, the averaged ones where there are any.
  case weights
  /// Those and what optimizers and averages remember.
  case everything
}

/// What follows a number that is not finite.
public enum Recovery: Sendable {
  /// The training ends and names the layer.
  case stop
  /// The training goes back to the epoch's beginning and on with half the learning rates, three times
  /// at most.
  case halvedRates
}
