import FoundationEssentials
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

  fileprivate static let architectureKey = "architecture"
  fileprivate static let cardKey = "card"

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

  fileprivate var tensors: TensorTable { file.tensors }
}

/// Values as JSON texts: keys in order, so that the same value gives the same bytes.
package enum JSONText {
  package static func encode(_ value: some Encodable) throws(ModelFileError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .unwritable("the description cannot be written as JSON: \(error)")
    }
  }

  package static func decode<Value: Decodable>(
    _ type: Value.Type, from text: String, called name: String
  ) throws(ModelFileError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(type, from: Data(text.utf8))
    } catch DecodingError.keyNotFound(let key, _) {
      throw .incomplete("the \(name) lacks \"\(key.stringValue)\"")
    } catch {
      throw .incomplete("the \(name) cannot be read")
    }
  }
}
