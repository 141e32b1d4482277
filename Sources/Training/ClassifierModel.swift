import Engine
import ModelFiles
import Networks

/// A trained classifier as a model file holds it: network, values and card.
public struct ClassifierModel {
  /// What the classifier is, its classes and its input.
  public let card: ModelCard
  public let network: Network
  /// Values of all that the network declares.
  public let variables: VariableStore
  /// Whether pictures are seen mirrored, too, when the network is asked.
  public let mirrors: Bool

  /// The key of the file's metadata that says so.
  static let mirrorsKey = "mirrors_when_asked"

  /// Reads a model file or an ONNX file.
  ///
  /// - Parameter preparation: what is known of an ONNX file's labels and input.
  /// - Throws: ``TrainingError/file(path:problem:)`` where it is damaged, of another kind, or its
  ///   tensors are not those of its architecture.
  public init(
    path: String, preparation: Preparation = Preparation()
  ) throws(TrainingError) {
    func refused(_ problem: String) -> TrainingError { .file(path: path, problem: problem) }
    let stored = try StoredNetwork(path: path, preparation: preparation)
    (card, network, variables) = (stored.card, stored.network, stored.variables)
    mirrors = stored.otherMetadata[Self.mirrorsKey] == "true"
    let classCount = stored.logitsShape.rank == 2 ? stored.logitsShape[1] : 0
    if card.input == nil, classCount > 0, network.inputShape.rank == 3 {
      throw refused(Preparation.missing)
    }
    guard let input = card.input, classCount > 0, classCount == card.classNames.count else {
      throw refused("is no classifier: it names \(card.classNames.count) classes")
    }
    if let width = preparation.input?.width, width != input.width {
      throw refused("takes \(input.width) × \(input.height) pixels; leave --size out")
    }
    guard network.inputShape == [input.height, input.width, input.channels] else {
      throw refused("the network takes \(network.inputShape), the card says otherwise")
    }
  }

  /// The classifier, ready to be asked.
  ///
  /// - Parameter batchSize: pictures that are computed at once.
  public func predictor(
    batchSize: Int, options: PlanOptions = PlanOptions()
  ) throws(TrainingError) -> Predictor {
    try Predictor(
      network: network, variables: variables, batchSize: batchSize, mirrors: mirrors,
      options: options)
  }
}
