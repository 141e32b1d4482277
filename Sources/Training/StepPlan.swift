import Datasets
import Engine
import Graphs
import Networks
import Tensors

/// A kind of step as a plan.
final class StepPlan {
  private let plan: Plan
  private let inputs: [(slot: String, node: Node)]
  private let rates: [StepBuilder.Rate]
  private let reports: [StepBuilder.Report]

  init(
    _ step: StepBuilder, variables: VariableStore, random: RandomSource, options: PlanOptions
  ) throws(TrainingError) {
    (inputs, rates, reports) = (step.inputs, step.rates, step.reports)
    let given = Set(inputs.map(\.node))
    var outputs: [Node] = []
    for node in reports.flatMap(\.nodes) where !given.contains(node) && !outputs.contains(node) {
      outputs.append(node)
    }
    plan = try wrapped { () throws(EngineError) in
      try Plan(
        step.graph, outputs: outputs, assignments: .all, variables: variables, random: random,
        options: options)
    }
  }

  /// Writes a batch and the learning rates.
  func fill(_ batch: ExampleBatch, rateFactor: Float) throws(TrainingError) {
    try wrapped { () throws(EngineError) in
      for (slot, node) in inputs where plan.reads(node) {
        try plan.withInput(node) { _ = batch.write(slot, to: $0) }
      }
      for rate in rates where plan.reads(rate.input) {
        try plan.withInput(rate.input) { $0[0] = rate.value * rateFactor }
      }
    }
  }

  /// Writes values of one's own and the learning rates.
  func fill(
    rateFactor: Float, _ body: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(TrainingError) {
    try wrapped { () throws(EngineError) in
      for (_, node) in inputs { try plan.withInput(node, body) }
      for rate in rates { try plan.withInput(rate.input) { $0[0] = rate.value * rateFactor } }
    }
  }

  /// Takes the step.
  ///
  /// - Parameter number: steps of the phase before it; what is random follows from it.
  func run(number: Int) throws(TrainingError) -> [(name: String, value: Double)] {
    try wrapped { () throws(EngineError) in
      plan.completedRuns = number
      try plan.run()
      var reported: [(name: String, value: Double)] = []
      for report in reports {
        let numbers = try numbers(of: report, report.nodes[...], [])
        reported += zip(report.names, numbers).map { (name: $0, value: $1) }
      }
      return reported
    }
  }

  /// Collects the values of a report's nodes, one inside the other, so that all are there at once.
  private func numbers(
    of report: StepBuilder.Report, _ nodes: ArraySlice<Node>,
    _ values: [UnsafeBufferPointer<Float>]
  ) throws(EngineError) -> [Double] {
    guard let node = nodes.first else { return report.compute(values) }
    let rest = nodes.dropFirst()
    if inputs.contains(where: { $0.node == node }) {
      return try plan.withInput(node) { (buffer) -> Result<[Double], EngineError> in
        do throws(EngineError) {
          return .success(try numbers(of: report, rest, values + [UnsafeBufferPointer(buffer)]))
        } catch { return .failure(error) }
      }.get()
    }
    return try plan.withOutput(node) { (buffer) -> Result<[Double], EngineError> in
      do throws(EngineError) {
        return .success(try numbers(of: report, rest, values + [buffer]))
      } catch { return .failure(error) }
    }.get()
  }

  /// Takes the step and looks after each operation for a value that is not finite: its place.
  func firstNonFinite(number: Int) throws(TrainingError) -> String? {
    try wrapped { () throws(EngineError) in
      plan.completedRuns = number + 1
      return try plan.firstNonFinite().map { "\($0.label ?? $0.operation)" }
    }
  }
}
