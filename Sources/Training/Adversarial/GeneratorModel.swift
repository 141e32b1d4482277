import Engine
import Graphs
import ModelFiles
import Networks
import Tensors

/// A trained generator as a model file holds it: network, values and card.
public struct GeneratorModel {
  public let card: ModelCard
  public let network: Network
  private let variables: VariableStore

  /// Reads a model file.
  ///
  /// - Throws: ``TrainingError/file(path:problem:)`` where it is damaged, is no generator, or its tensors
  ///   are not those of its architecture.
  public init(path: String) throws(TrainingError) {
    let stored = try StoredNetwork(path: path)
    guard stored.network.inputShape.rank == 1 else {
      throw .file(
        path: path, problem: "is no generator: it takes \(stored.network.inputShape), not latents")
    }
    card = stored.card
    network = stored.network
    variables = stored.variables
  }

  /// The generator, ready to run.
  public func sampler(options: PlanOptions = PlanOptions()) throws(TrainingError) -> Sampler {
    try Sampler(generator: network, variables: variables, options: options)
  }
}
