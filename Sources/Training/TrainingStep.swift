import Datasets
import Engine
import Graphs
import ModelFiles
import Networks
import Tensors

/// One step of training as a plan: forward, loss, gradients, update of all parameters.
final class TrainingStep {
  /// The network's variables: trained ones, then running statistics and fixed filters.
  let names: [String]
  let networkVariables: [Variable]
  private let declared: [Variable]
  private let plan: Plan
  private let images: Node
  private let targets: Node
  private let learningRate: Node
  private let logits: Node

  /// - Parameters:
  ///   - frozen: how many of the outermost layers, from the first on, stay as they are.
  ///   - inherited: values that were trained before: their kernels take orthogonal steps in proportion
  ///     to their own lengths, which differ widely with how they were trained.
  ///   - variables: gets first values for those variables that have none.
  ///   - random: what first values are drawn from.
  ///   - phase: names what dropout and other random operations are drawn from.
  init(
    network: Network, recipe: Recipe, frozen: Int = 0, inherited: TensorTable = TensorTable(),
    variables: VariableStore,
    random: RandomSource, phase: String, options: PlanOptions
  ) throws(TrainingError) {
    let graph = Graph()
    do {
      let (input, built) = try network.buildForTraining(
        on: graph, batch: recipe.batchSize, frozen: frozen)
      images = input
      logits = built.logits
      targets = try graph.input("targets", logits.shape)
      learningRate = try graph.input("learning rate", [])
      networkVariables = graph.variables
      names = networkVariables.map(\.name)
      let loss = try Loss.crossEntropy(labelSmoothing: recipe.labelSmoothing)(logits, targets)
      let shifts = Set(
        built.layers.filter { $0.type == BatchNorm.typeName }.map { "\($0.path).bias" })
      try recipe.optimizer.minimize(
        loss, parameters: built.parameters, learningRate: learningRate,
        rateFactor: { name in
          if shifts.contains(name) { return recipe.shiftRateFactor }
          guard recipe.optimizer.orthogonalSteps != nil, let value = inherited[name],
            OrthogonalSteps.move(value.shape)
          else { return 1 }
          return value.rowLength
        })
      declared = graph.variables
      variables.initialize(declared, random: random.firstValues)
      plan = try Plan(
        graph, outputs: [logits], assignments: .all, variables: variables,
        random: random.operations(phase: phase), options: options)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Steps done since the training's beginning; set it to go on.
  var completedSteps: Int {
    get { plan.completedRuns }
    set { plan.completedRuns = newValue }
  }

  /// Gives all variables the values that they had before the first step.
  func setFirstValues(of variables: VariableStore, random: RandomSource) {
    variables.setFirstValues(of: declared, random: random)
  }

  /// Trains on one batch.
  ///
  /// - Parameter fill: writes the batch, N × C × H × W or N × F, and returns the classes.
  /// - Returns: how the network answered before this step changed it.
  func run(
    learningRate rate: Float, fill: (UnsafeMutableBufferPointer<Float>) -> [Int]
  ) throws(TrainingError) -> Evaluation {
    do {
      let labels = try plan.withInput(images, fill)
      guard labels.count == images.shape[0] else {
        throw TrainingError.data("no training image can be read any more")
      }
      let classCount = logits.shape[1]
      try plan.withInput(targets) { targets in
        targets.update(repeating: 0)
        for (row, label) in labels.enumerated() { targets[row * classCount + label] = 1 }
      }
      try plan.withInput(learningRate) { $0[0] = rate }
      try plan.run()
      return try plan.withOutput(logits) { logits in
        var metrics = ClassifierMetrics(classCount: classCount)
        metrics.record(logits: logits, labels: labels)
        return metrics.evaluation
      }
    } catch { throw TrainingError(wrapping: error) }
  }
}

extension Network {
  /// Adds the network to a graph for training, its first layers as in inference.
  ///
  /// - Parameter frozen: how many of the outermost layers, from the first on, stay as they are.
  /// - Returns: what goes in, and the layers that are trained.
  func buildForTraining(
    on graph: Graph, batch: Int, frozen: Int
  ) throws(NetworkError) -> (input: Node, trained: BuiltNetwork) {
    guard frozen > 0 else {
      let built = try build(on: graph, batch: batch, mode: .training)
      return (built.input, built)
    }
    let kept = try prefix(frozen).build(on: graph, batch: batch, mode: .inference)
    let trained = try suffix(from: frozen, input: kept.output.shape.channelsLast)
      .build(on: kept.output, mode: .training)
    return (kept.input, trained)
  }
}

extension Tensor {
  /// The root mean square of its rows' lengths.
  fileprivate var rowLength: Float {
    (scalars.reduce(0) { $0 + $1 * $1 } / Float(max(shape[0], 1))).squareRoot()
  }
}
