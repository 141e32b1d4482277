import Datasets
import Engine
import Graphs
import ModelFiles
import Networks
import Tensors

/// The graph of a phase's step while it is being built.
public final class StepBuilder {
  public let graph = Graph()
  /// Examples in a step.
  public let batchSize: Int
  /// What examples fill.
  public let slots: [ExampleSlot]

  /// A learning rate that the trainer sets: the optimizer's, times the schedule's factor.
  struct Rate {
    let input: Node
    let value: Float
  }

  /// Numbers that are computed from outputs and inputs after a step.
  struct Report {
    let names: [String]
    let nodes: [Node]
    let compute: ([UnsafeBufferPointer<Float>]) -> [Double]
  }

  private(set) var inputs: [(slot: String, node: Node)] = []
  private(set) var rates: [Rate] = []
  private(set) var reports: [Report] = []
  /// Variables that optimizers remember.
  private(set) var optimizerStates: Set<String> = []
  /// Values that no step changes.
  private(set) var frozen = TensorTable()

  init(batchSize: Int, slots: [ExampleSlot]) {
    self.batchSize = batchSize
    self.slots = slots
  }

  /// An input that examples fill: N × the slot's shape.
  ///
  /// - Throws: where the examples have no such slot.
  public func input(_ slot: String) throws(TrainingError) -> Node {
    if let known = inputs.first(where: { $0.slot == slot }) { return known.node }
    guard let shape = slots.first(where: { $0.name == slot })?.shape else {
      throw .network("the examples have no \(slot), which a step takes")
    }
    let node = try wrapped { () throws(GraphError) in
      try graph.input(slot, Shape([batchSize] + shape.dimensions))
    }
    inputs.append((slot, node))
    return node
  }

  /// Lets each step end with an update of parameters: the one place where gradients meet an optimizer.
  ///
  /// - Parameters:
  ///   - loss: a scalar.
  ///   - parameters: the variables that are trained.
  ///   - learningRate: at the top of the phase's schedule.
  ///   - constants: nodes that are held constant, whatever they were computed from.
  ///   - rateFactor: a parameter's learning rate as a multiple of the common one, by its name.
  ///   - scope: tells several optimizers of a phase apart.
  /// - Returns: what becomes of each parameter.
  @discardableResult
  public func minimize(
    _ loss: Node, _ parameters: [Node], with optimizer: Optimizer, learningRate: Float,
    stoppingGradientsAt constants: [Node] = [], rateFactor: (String) -> Float = { _ in 1 },
    scope: String? = nil
  ) throws(TrainingError) -> [ParameterUpdate] {
    let scope = scope.map { "\(Self.optimizerScope).\($0)" } ?? Self.optimizerScope
    let known = Set(graph.variables.map(\.name))
    do {
      let rate = try graph.input("\(scope) learning rate", [])
      rates.append(Rate(input: rate, value: learningRate))
      let updates = try optimizer.minimize(
        loss, parameters: parameters, stoppingGradientsAt: constants, learningRate: rate,
        learningRateFactor: rateFactor, scope: scope)
      optimizerStates.formUnion(graph.variables.map(\.name).filter { !known.contains($0) })
      return updates
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Reports a scalar after each step, under the name of a column.
  public func report(_ name: String, _ value: Node) {
    report([name], of: [value]) { [Double($0[0][0])] }
  }

  /// Reports numbers that are computed from the values of inputs and other nodes after each step.
  ///
  /// - Parameter compute: gets the values of the nodes, returns a number for each name.
  public func report(
    _ names: [String], of nodes: [Node],
    _ compute: @escaping ([UnsafeBufferPointer<Float>]) -> [Double]
  ) {
    reports.append(Report(names: names, nodes: nodes, compute: compute))
  }

  /// Gives variables values that no step changes, of a network that only helps: they are in no
  /// checkpoint.
  public func freeze(_ values: TensorTable) {
    for (name, tensor) in values { frozen[name] = tensor }
  }

  /// The variables of networks: those that an average covers and a model file may hold.
  var networkVariables: [Variable] {
    graph.variables.filter { !optimizerStates.contains($0.name) && frozen[$0.name] == nil }
  }

  static let optimizerScope = "optimizer"
}

/// Runs graph code; its error becomes one of training.
func wrapped<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(TrainingError) -> Result {
  do { return try body() } catch { throw TrainingError(wrapping: error) }
}
