import Tensors

/// A trained network in one safetensors file: the weights as tensors, the architecture and the card as
/// JSON in the metadata (`architecture`, `card`).
public struct ModelFile: Sendable, Equatable {
  /// Parameters and kept state by name, in plain row-major layout.
  public var tensors: TensorTable
  /// The network's declaration as JSON, as the networks encode it.
  public var architecture: String
  public var card: ModelCard
  /// Other texts of the file, kept as they came.
  public var otherMetadata: [String: String]

  public init(
    tensors: TensorTable, architecture: String, card: ModelCard,
    otherMetadata: [String: String] = [:]
  ) {
    self.tensors = tensors
    self.architecture = architecture
    self.card = card
    self.otherMetadata = otherMetadata
  }

  static let architectureKey = "architecture"
  static let cardKey = "card"

  /// Reads a file that ``write(to:precision:)`` wrote.
  ///
  /// - Throws: ``ModelFileError/incomplete(_:)`` where it is a valid safetensors file of another kind,
  ///   such as bare weights.
  public init(path: String) throws(ModelFileError) {
    let opened = try OpenedModelFile(path: path)
    (card, architecture, otherMetadata) = (opened.card, opened.architecture, opened.otherMetadata)
    tensors = opened.tensors
  }

  /// Writes the file, which appears under its name only when it is whole.
  public func write(
    to path: String, precision: StoredPrecision = .float32
  ) throws(ModelFileError) {
    var metadata = otherMetadata
    metadata[Self.architectureKey] = architecture
    metadata[Self.cardKey] = try JSONText.encode(card)
    try Safetensors.write(tensors, metadata: metadata, precision: precision, to: path)
  }

  /// A model's card alone, without its weights being read.
  public static func card(path: String) throws(ModelFileError) -> ModelCard {
    try OpenedModelFile(path: path).card
  }
}
