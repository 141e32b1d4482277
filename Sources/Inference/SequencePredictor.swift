import Datasets
import Engine
import Graphs
import ModelFiles
import Networks
import Tensors

/// A trained classifier of texts, series or clips made ready to run: validation, `evaluate` and `classify`
/// use it.
///
/// It has a plan for each length of a bucket; all share the weights. Of a batch that is not full the rest is
/// computed and not looked at.
public final class SequencePredictor {
  /// Sequences in a batch.
  public let batchSize: Int
  /// How many logits a sequence has.
  public private(set) var classCount = 0
  /// What makes probabilities of them.
  public private(set) var activation = ClassActivation.softmax

  private struct Runner {
    let plan: Plan
    let inputs: [(name: String, node: Node)]
    let output: Node
  }

  private let network: Network
  private let variables: VariableStore
  private let labelCount: Int?
  private let scope: String?
  private let options: PlanOptions
  private var runners: [Int: Runner] = [:]

  /// - Parameters:
  ///   - network: takes sequences and their lengths.
  ///   - variables: hold the network's values, now or at the time of each call.
  ///   - labelCount: how many labels there are, where that is known: see
  ///     ``BuiltNetwork/classScores(labelCount:)``.
  ///   - scope: what the variables' names begin with, before the network's own.
  public init(
    network: Network, variables: VariableStore, labelCount: Int? = nil, scope: String? = nil,
    batchSize: Int,
    options: PlanOptions
  ) throws(InferenceError) {
    self.network = network
    self.variables = variables
    self.labelCount = labelCount
    self.scope = scope
    self.batchSize = batchSize
    self.options = options
    _ = try runner(steps: network.inputShape[0])
  }

  private func runner(steps: Int) throws(InferenceError) -> Runner {
    if let known = runners[steps] { return known }
    do {
      let graph = Graph()
      let built = try network.withSteps(steps).build(
        on: graph, batch: batchSize, mode: .inference, scope: scope)
      let scores = try built.classScores(labelCount: labelCount)
      (classCount, activation) = (scores.classCount, scores.activation)
      let plan = try Plan(
        graph, outputs: [scores.logits], assignments: .none, variables: variables,
        options: options)
      let names = [SequenceExamples.sequence, SequenceExamples.lengths]
      let runner = Runner(
        plan: plan, inputs: Array(zip(names, built.inputs)).map { (name: $0, node: $1) },
        output: scores.logits)
      runners[steps] = runner
      return runner
    } catch { throw InferenceError(wrapping: error) }
  }

  /// Computes the logits of a batch of examples of so many steps.
  ///
  /// - Parameter body: gets the logits, `batchSize` × ``classCount``.
  public func logits<Outcome>(
    of batch: ExampleBatch, steps: Int, _ body: (UnsafeBufferPointer<Float>) -> Outcome
  ) throws(InferenceError) -> Outcome {
    let runner = try runner(steps: steps)
    do {
      for (name, node) in runner.inputs where runner.plan.reads(node) {
        try runner.plan.withInput(node) { _ = batch.write(name, to: $0) }
      }
      try runner.plan.run()
      return try runner.plan.withOutput(runner.output, body)
    } catch { throw InferenceError(wrapping: error) }
  }
}
