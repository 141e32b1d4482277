import Tensors

/// A model file of which all is read but the tensors: they wait until they are needed.
public struct OpenedModelFile: Sendable {
  /// The network's declaration as JSON.
  public let architecture: String
  public let card: ModelCard
  /// Other texts of the file.
  public let otherMetadata: [String: String]
  private let file: Safetensors

  /// Opens a file that ``ModelFile/write(to:precision:)`` wrote.
  ///
  /// - Throws: ``ModelFileError/incomplete(_:)`` where it is a valid safetensors file of another kind,
  ///   such as bare weights.
  public init(path: String) throws(ModelFileError) {
    file = try Safetensors(path: path)
    guard let text = file.metadata[ModelFile.cardKey],
      let architecture = file.metadata[ModelFile.architectureKey]
    else {
      throw .incomplete(
        "the file holds weights without their architecture; name the network to read it")
    }
    self.architecture = architecture
    card = try JSONText.decode(ModelCard.self, from: text, called: "model card")
    guard card.input?.isUsable ?? true else {
      throw .incomplete("the model card's input form cannot be used")
    }
    otherMetadata = file.metadata.filter {
      $0.key != ModelFile.architectureKey && $0.key != ModelFile.cardKey
    }
  }

  /// The parameters or kept state of that name; nil where there is none.
  public subscript(name: String) -> DeferredTensor? { file.deferred(name) }

  var tensors: TensorTable { file.tensors }
}
