import Engine
import FoundationEssentials
import Glibc
import Graphs
import ModelFiles
import Networks
import ONNX
import Tensors

/// A network as a file holds it, a model file of ours or an ONNX file: architecture, values and card,
/// which fit each other.
public struct StoredNetwork {
  /// What it is, its classes and its input; of an ONNX file as far as that, a JSON beside it or the
  /// caller says.
  public let card: ModelCard
  public let network: Network
  /// The shape of what the network makes of one element.
  let logitsShape: Shape
  /// Values of all that the network declares.
  let variables = VariableStore()
  let otherMetadata: [String: String]

  /// Reads a file; which of both it is, its bytes tell.
  ///
  /// - Parameter preparation: what the caller knows of labels and input, before what files say.
  /// - Throws: ``TrainingError/file(path:problem:)`` where it is damaged or its tensors are not those
  ///   of its architecture.
  public init(path: String, preparation: Preparation = Preparation()) throws(TrainingError) {
    func refused(_ problem: String) -> TrainingError { .file(path: path, problem: problem) }
    let source: Source
    do {
      source =
        try ONNXModel.isLikely(path: path)
        ? Source(onnx: path, preparation) : Source(safetensors: path, preparation)
    } catch let error as TrainingError {
      throw error
    } catch {
      throw refused("\(error)")
    }
    network = source.network
    otherMetadata = source.otherMetadata
    let graph = Graph()
    do throws(NetworkError) {
      logitsShape = try network.build(on: graph, batch: 1, mode: .inference).logits.shape
    } catch {
      throw refused("the architecture cannot be built: \(error)")
    }
    for variable in graph.variables {
      guard let value = source.value(variable.name) else {
        throw refused("is of another architecture: it lacks the tensor \(variable.name)")
      }
      guard value.shape == variable.shape else {
        throw refused(
          "is of another architecture: \(variable.name) is \(value.shape) instead of "
            + "\(variable.shape)")
      }
      variables.provide(value, for: variable.name)
    }
    var card = source.card
    do throws(TrainingError) {
      try source.preparation.apply(
        to: &card, takes: network.inputShape,
        classCount: source.labelsFit && logitsShape.rank == 2 ? logitsShape[1] : nil)
    } catch {
      throw refused("\(error)")
    }
    self.card = card
  }
}

/// What a file says of a network.
private struct Source {
  let network: Network
  let card: ModelCard
  let otherMetadata: [String: String]
  let preparation: Preparation
  /// Whether there must be as many labels as classes; of a model file whoever asks it checks that.
  let labelsFit: Bool
  let value: (String) -> DeferredTensor?

  init(safetensors path: String, _ preparation: Preparation) throws {
    let file = try OpenedModelFile(path: path)
    network = try Network(json: file.architecture, furtherTypes: [ONNXNetwork.self])
    (card, otherMetadata) = (file.card, file.otherMetadata)
    let tellsSamples = preparation.input?.mean != nil || preparation.input?.deviation != nil
    guard !tellsSamples || card.input == nil else {
      throw TrainingError.file(
        path: path,
        problem: "says itself what samples become; leave out --preprocess, --mean and --std")
    }
    self.preparation = preparation
    labelsFit = preparation.classNames != nil
    value = { file[$0] }
  }

  /// The card that `vision export` put into the file, or an empty one; before it goes what a JSON file
  /// of the same name says.
  init(onnx path: String, _ preparation: Preparation) throws {
    let model = try ONNXModel(path: path)
    let stem = path.hasSuffix(".onnx") ? String(path.dropLast(".onnx".count)) : path
    let name = stem.split(separator: "/").last.map(String.init) ?? stem
    card =
      try model.metadata[ONNXExport.cardKey].map {
        try JSONText.decode(ModelCard.self, from: $0, called: "model card")
      } ?? ModelCard(name: name)
    otherMetadata = model.metadata.filter { $0.key != ONNXExport.cardKey }
    let said = preparation.completed(by: try Self.preparation(beside: stem))
      .completed(by: Preparation(card))
    self.preparation = said
    labelsFit = true
    let size: (Int, Int)? =
      if let height = said.input?.height ?? said.input?.width,
        let width = said.input?.width ?? said.input?.height
      { (height, width) } else { nil }
    let parts = try model.network(size: size)
    network = parts.network
    value = { parts.values[$0] }
  }

  private static func preparation(beside stem: String) throws -> Preparation? {
    let path = stem + ".json"
    guard access(path, F_OK) == 0 else { return nil }
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch {
      throw TrainingError.file(path: path, problem: "cannot be read")
    }
    do throws(ModelFileError) {
      return try JSONText.decode(
        Preparation.self, from: String(decoding: data, as: UTF8.self), called: "description")
    } catch {
      throw TrainingError.file(path: path, problem: "\(error)")
    }
  }
}
