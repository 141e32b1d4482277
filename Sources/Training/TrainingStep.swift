import Datasets
import Engine
import Graphs
import Networks
import Tensors

/// One step of training as a plan: forward, loss, gradients, update of all parameters.
final class TrainingStep {
  /// The network's variables: trained ones, then running statistics and fixed filters.
  let names: [String]
  private let declared: [Variable]
  private let plan: Plan
  private let images: Node
  private let targets: Node
  private let learningRate: Node
  private let logits: Node

  /// - Parameters:
  ///   - variables: gets first values for those variables that have none.
  ///   - random: what first values, dropout and other random operations are drawn from.
  init(
    network: Network, recipe: Recipe, variables: VariableStore, random: RandomSource,
    options: PlanOptions
  ) throws(TrainingError) {
    let graph = Graph()
    do {
      let built = try network.build(on: graph, batch: recipe.batchSize, mode: .training)
      images = built.input
      logits = built.logits
      targets = try graph.input("targets", logits.shape)
      learningRate = try graph.input("learning rate", [])
      names = graph.variables.map(\.name)
      let loss = try Loss.crossEntropy(labelSmoothing: recipe.labelSmoothing)(logits, targets)
      let shifts = Set(
        built.layers.filter { $0.type == BatchNorm.typeName }.map { "\($0.path).bias" })
      try recipe.optimizer.minimize(
        loss, parameters: built.parameters, learningRate: learningRate,
        rateFactor: { shifts.contains($0) ? recipe.shiftRateFactor : 1 })
      declared = graph.variables
      variables.initialize(declared, random: random.split(Self.firstValues))
      plan = try Plan(
        graph, outputs: [logits], assignments: .all, variables: variables,
        random: random.split("dropout"), options: options)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Steps done since the training's beginning; set it to go on.
  var completedSteps: Int {
    get { plan.completedRuns }
    set { plan.completedRuns = newValue }
  }

  /// Gives all variables the values that they had before the first step.
  func setFirstValues(of variables: VariableStore, random: RandomSource) {
    for variable in declared {
      variables[variable.name] = variable.initialValue(random: random.split(Self.firstValues))
    }
  }

  private static let firstValues = "first values"

  /// Trains on one batch.
  ///
  /// - Returns: how the network answered before this step changed it.
  func run(on loader: Loader, learningRate rate: Float) throws(TrainingError) -> Evaluation {
    do {
      let batch = try plan.withInput(images) { loader.next(into: $0) }
      guard batch.count == loader.batchSize else {
        throw TrainingError.data("no training image can be read any more")
      }
      let classCount = logits.shape[1]
      try plan.withInput(targets) { targets in
        targets.update(repeating: 0)
        for (row, label) in batch.labels.enumerated() { targets[row * classCount + label] = 1 }
      }
      try plan.withInput(learningRate) { $0[0] = rate }
      try plan.run()
      return try plan.withOutput(logits) { logits in
        var metrics = ClassifierMetrics(classCount: classCount)
        metrics.record(logits: logits, labels: batch.labels)
        return metrics.evaluation
      }
    } catch { throw TrainingError(wrapping: error) }
  }
}
