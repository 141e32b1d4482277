import Engine
import ModelFiles
import Networks

/// A trained generator: a network that makes images of latents.
///
/// All that is made of it shares its weights and belongs to one thread; another thread reads the file
/// anew, which is mapped and takes memory once.
public struct Generator {
  public let card: ModelCard
  public let network: Network
  private let variables: VariableStore
  private let nonFiniteWeights: NonFiniteWeights

  /// Reads a model file.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged, is not a generator, or its
  ///   tensors are not those of its architecture.
  public init(path: String) throws(InferenceError) {
    self = try LoadedModel(path: path).generator()
  }

  fileprivate init(_ model: LoadedModel) throws(InferenceError) {
    guard model.network.inputShape.rank == 1 else {
      guard model.task == .generation else {
        throw .otherTask(path: model.path, task: model.task, expected: .generation)
      }
      throw .file(
        path: model.path,
        problem: "is not a generator: it takes \(model.network.inputShape), not latents")
    }
    (card, network, variables) = (model.card, model.network, model.variables)
    nonFiniteWeights = model.nonFiniteWeights
  }

  /// The generator, ready to run.
  public func imageGenerator(
    options: PlanOptions = PlanOptions()
  ) throws(InferenceError) -> ImageGenerator {
    try nonFiniteWeights.requireNumbers()
    return try ImageGenerator(generator: network, variables: variables, options: options)
  }
}

extension LoadedModel {
  /// The model as a generator.
  ///
  /// - Throws: where it does not take latents.
  public func generator() throws(InferenceError) -> Generator { try Generator(self) }
}
