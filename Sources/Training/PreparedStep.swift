import Engine
import Tensors

/// A phase's first kind of step on one batch that stays the same, to be timed.
package final class PreparedStep {
  private let plan: StepPlan
  private var count = 0

  /// - Parameter fill: writes the values of each input.
  package init(
    of phase: any Phase, options: PlanOptions,
    fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(TrainingError) {
    let context = PhaseContext(options: options)
    let slots = try phase.examples(context).slots(bucket: phase.variants[0].bucket)
    let builder = StepBuilder(batchSize: phase.plan.batchSize, slots: slots)
    try phase.build(phase.variants[0], into: builder)
    let variables = VariableStore()
    do throws(EngineError) {
      try variables.initialize(builder.graph.variables, random: context.random.initialization)
    } catch { throw TrainingError(wrapping: error) }
    plan = try StepPlan(
      builder, variables: variables, random: context.random.operations(phase: phase.plan.id),
      options: options)
    try plan.fill(rateFactor: 1, fill)
  }

  package func run() throws(TrainingError) {
    _ = try plan.run(number: count)
    count += 1
  }
}
