import Engine
import Graphs
import ModelFiles
import Networks
import Tensors

/// What the work of a phase needs beside its own settings.
public struct PhaseContext {
  /// Threads and profiler; the precision is that of the phase's plan.
  public let options: PlanOptions
  /// The training's seed; whoever draws takes a stream of a name of its own.
  public let random: RandomSource
  public let interruption: Interruption
  /// Is told of long work: what it is, how much is done and how much there is.
  public let progress: (String, _ done: Int, _ total: Int) -> Void

  public init(
    options: PlanOptions = PlanOptions(), random: RandomSource = RandomSource(seed: 0),
    interruption: Interruption = Interruption(),
    progress: @escaping (String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) {
    self.options = options
    self.random = random
    self.interruption = interruption
    self.progress = progress
  }
}

/// The state of a phase, to be measured, drawn and kept.
public final class Snapshot {
  /// The values of all variables of the phase; averages under names with ``scope`` in front.
  public let variables: VariableStore
  /// What stands before the names of averaged values; nil where nothing is averaged.
  public let scope: String?
  public let context: PhaseContext
  /// The number of the epoch that is complete, from 1; up to 0 in phases that prepare.
  public internal(set) var epoch = 0
  /// Whether it is the phase's last one.
  public internal(set) var isLastEpoch = false
  /// Steps of the phase that are done.
  public internal(set) var steps = 0
  /// Means of what the epoch's steps reported.
  public internal(set) var means: [String: Double] = [:]
  private var tools: [ObjectIdentifier: Any] = [:]

  init(variables: VariableStore, isAveraged: Bool, context: PhaseContext) {
    self.variables = variables
    self.context = context
    scope = isAveraged ? EMAUpdate.scope : nil
  }

  /// The scope in which a network of the phase is measured, for `Network.build(scope:)`.
  public func scope(of network: String?) -> String? {
    let scopes = [scope, network].compactMap { $0 }
    return scopes.isEmpty ? nil : scopes.joined(separator: ".")
  }

  /// The value of a variable that is measured and kept: its average, where there is one.
  public subscript(name: String) -> Tensor? {
    scope.flatMap { variables["\($0).\(name)"] } ?? variables[name]
  }

  /// A tool that is made at its first use and serves all snapshots of the phase, such as a plan that
  /// reads ``variables``.
  public func tool<Tool, Failure: Error>(
    _ make: () throws(Failure) -> Tool
  ) throws(Failure) -> Tool {
    let key = ObjectIdentifier(Tool.self)
    if let known = tools[key] as? Tool { return known }
    let made = try make()
    tools[key] = made
    return made
  }
}

extension Snapshot {
  /// A model file of a network with the values that are measured and kept.
  ///
  /// - Parameter name: of the network in the phase's graphs: its scope.
  public func modelFile(
    of network: Network, scope name: String? = nil, card: ModelCard,
    metadata: [String: String] = [:]
  ) throws(TrainingError) -> ModelFile {
    do {
      let graph = Graph()
      _ = try network.build(on: graph, batch: 1, mode: .inference)
      var tensors = TensorTable()
      for variable in graph.variables {
        tensors[variable.name] = self[name.map { "\($0).\(variable.name)" } ?? variable.name]
      }
      return ModelFile(
        tensors: tensors, architecture: try network.json(), card: card, otherMetadata: metadata)
    } catch { throw TrainingError(wrapping: error) }
  }
}
