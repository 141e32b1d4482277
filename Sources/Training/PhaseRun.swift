import Datasets
import Engine
import Graphs
import ModelFiles
import Networks
import Tensors

/// A phase that is planned and filled with values, ready to take steps.
final class PhaseRun {
  let phase: any Phase
  let plan: PhasePlan
  /// Epochs of this stage; see ``Trainer/stages``.
  let epochs: Int
  let stepsPerEpoch: Int
  let snapshot: Snapshot
  /// The learning rate of the first optimizer.
  let learningRate: Float
  private let schedule: Schedule
  private let steps: [Variant: StepPlan]
  private let average: EMAUpdate?
  /// The variables that a checkpoint holds.
  private let kept: [String]
  private let source: any ExampleSource
  private let loader: Loader

  /// - Parameters:
  ///   - stage: the phase and its epochs.
  ///   - values: those that the phase goes on with, of a checkpoint or of the phase before.
  ///   - isResumed: whether they must be all of them.
  ///   - state: where the training stands.
  init(
    _ stage: Stage, values: TensorTable, isResumed: Bool, state: TrainingState,
    context: PhaseContext
  ) throws(TrainingError) {
    phase = stage.phase
    let plan = phase.plan
    self.plan = plan
    epochs = stage.epochs
    source = try phase.examples(context)
    let random = context.random.examples(phase: stage.streams)
    guard source.count > 0 else { throw .data("there are no examples to learn from") }

    // Graphs first: they say which variables there are.
    var builders: [(variant: Variant, step: StepBuilder)] = []
    for variant in phase.variants {
      let builder = StepBuilder(
        batchSize: plan.batchSize, slots: source.slots(bucket: variant.bucket))
      try phase.build(variant, into: builder)
      builders.append((variant, builder))
    }
    let variables = VariableStore()
    let declared = builders.flatMap { $0.step.graph.variables }
    let frozen = builders.flatMap { $0.step.frozen.names }
    if !isResumed {
      for (name, tensor) in try phase.initialValues(context) { variables[name] = tensor }
    }
    let names = Set(declared.map(\.name))
    for (name, tensor) in values
    where isResumed || names.contains(name) || name.hasPrefix(EMAUpdate.scope + ".") {
      variables[name] = tensor
    }
    for builder in builders {
      for (name, tensor) in builder.step.frozen { variables[name] = tensor }
    }
    if isResumed { try Self.check(values, against: declared, without: frozen) }
    do throws(EngineError) {
      try variables.initialize(declared, random: context.random.initialization)
    } catch { throw TrainingError(wrapping: error) }

    var options = context.options
    options.precision = plan.precision
    var steps: [Variant: StepPlan] = [:]
    for (variant, builder) in builders {
      steps[variant] = try StepPlan(
        builder, variables: variables, random: context.random.operations(phase: stage.streams),
        options: options)
    }
    self.steps = steps
    var averaged: [Variable] = []
    for builder in builders where plan.ema != nil {
      for variable in builder.step.networkVariables
      where variable.name.hasPrefix(plan.emaScope ?? "") && !averaged.contains(variable) {
        averaged.append(variable)
      }
    }
    average =
      averaged.isEmpty
      ? nil
      : try EMAUpdate(
        of: averaged, variables: variables, options: PlanOptions(threads: options.threads))
    kept =
      Set(declared.map(\.name)).subtracting(frozen).sorted()
      + averaged.map { "\(EMAUpdate.scope).\($0.name)" }

    stepsPerEpoch =
      plan.stepsPerEpoch
      ?? Loader.batchCount(of: source, batchSize: plan.batchSize, random: random)
    loader = Loader(
      source, batchSize: plan.batchSize, random: random,
      startingAt: state.epoch * stepsPerEpoch + state.step)
    schedule = plan.schedule(epochs * stepsPerEpoch)
    learningRate = builders[0].step.rates.first?.value ?? 0
    snapshot = Snapshot(variables: variables, isAveraged: average != nil, context: context)
  }

  /// Refuses the values of a checkpoint that are not those of this phase.
  private static func check(
    _ values: TensorTable, against declared: [Variable], without frozen: [String]
  ) throws(TrainingError) {
    let prefix = EMAUpdate.scope + "."
    let given = Set(values.names.filter { !$0.hasPrefix(prefix) })
    guard given == Set(declared.map(\.name)).subtracting(frozen) else {
      throw .checkpoint("does not match the network's tensors")
    }
    for variable in declared {
      if let tensor = values[variable.name], tensor.shape != variable.shape {
        throw .checkpoint("\(variable.name) is \(tensor.shape) instead of \(variable.shape)")
      }
    }
  }

  /// Everything that a checkpoint keeps of the variables.
  var values: TensorTable {
    var values = TensorTable()
    for name in kept { values[name] = snapshot.variables[name] }
    return values
  }

  /// The factor of the phase's learning rates at a step.
  func rateFactor(at step: Int) -> Float { schedule.factor(at: step) }

  /// Learns from the next batch.
  ///
  /// - Parameter state: before the step.
  /// - Returns: the numbers that the step reports.
  func takeStep(_ state: TrainingState) throws(TrainingError) -> [(name: String, value: Double)] {
    let number = state.epoch * stepsPerEpoch + state.step
    return try loader.next { (batch) throws(TrainingError) in
      let step = try step(number, for: batch)
      try step.fill(batch, rateFactor: state.rateFactor * schedule.factor(at: number))
      return try step.run(number: number)
    }
  }

  private func step(_ number: Int, for batch: ExampleBatch) throws(TrainingError) -> StepPlan {
    guard batch.count == plan.batchSize else {
      throw .data("no example can be read any more", damaged: loader.drainWarnings())
    }
    let variant = phase.variant(step: number, bucket: batch.bucket)
    guard let step = steps[variant] else {
      throw .network("the step \(variant.name) of bucket \(variant.bucket) is not planned")
    }
    return step
  }

  /// Takes the present values into their average, where there is one and it is its turn.
  ///
  /// - Parameter state: after the step.
  func updateAverage(_ state: inout TrainingState) throws(TrainingError) {
    guard let ema = plan.ema, let average else { return }
    let number = state.epoch * stepsPerEpoch + state.step
    guard number % EMA.interval == 0 || state.step == stepsPerEpoch else { return }
    let seen = state.seenBefore + number * plan.batchSize
    try average.run(weight: ema.weight(seen: seen, new: seen - state.averaged))
    state.averaged = seen
  }

  func drainWarnings() -> [DatasetWarning] { loader.drainWarnings() }

  /// Takes steps up to one, from where the loader stands, and finds where it or the one before it first
  /// left the finite numbers.
  ///
  /// - Parameter state: before the first of these steps.
  func firstNonFinite(
    from state: TrainingState, to failed: TrainingState, _ interruption: Interruption
  ) throws(TrainingError) -> String? {
    var state = state
    while state.step <= failed.step, !interruption.isRequested {
      let isNear = state.step + 1 >= failed.step
      let number = state.epoch * stepsPerEpoch + state.step
      let found = try loader.next { (batch) throws(TrainingError) -> String? in
        let step = try step(number, for: batch)
        try step.fill(batch, rateFactor: state.rateFactor * schedule.factor(at: number))
        if isNear { return try step.firstNonFinite(number: number) }
        _ = try step.run(number: number)
        return nil
      }
      if let found { return found }
      state.step += 1
    }
    return nil
  }
}
