import Engine
import FoundationEssentials
import Glibc
import Graphs
import ModelFiles
import Models
import Networks
import ONNX
import Tensors

/// A model as a file holds it, one of ours or an ONNX file: networks, weights and card, which fit each
/// other. The weights are read when they are needed.
///
/// What the model is for decides what it can be asked: ``classifier()``, ``generator()`` and
/// ``features(options:)`` check that they have what they need. Not to be used from two threads at once.
public struct LoadedModel {
  /// One of the file's networks.
  public struct Part {
    /// Empty where the file holds a single network.
    public let name: String
    public let network: Network
    /// What its output says of classes; nil where it says nothing.
    public let classes: ClassLayout?
    /// Why it says nothing of classes.
    let otherOutput: String

    /// What the names of its variables begin with in the model's store.
    var scope: String? { name.isEmpty ? nil : name }
  }

  /// Where it was read from.
  public let path: String
  /// What it is, its classes and its preprocessing; of an ONNX file as far as that, a JSON file beside it or
  /// the caller says.
  public let card: ModelCard
  public let task: ModelTask
  /// The networks, the main one first.
  public let parts: [Part]
  /// The values of all that the networks declare.
  public let variables: VariableStore
  /// The weights that hold numbers which are not finite: a damaged file, or a training that went wrong.
  public let nonFiniteWeights: NonFiniteWeights
  /// What else the file says, such as how far a network sees.
  public let otherMetadata: [String: String]
  /// The width that the caller wants images to have.
  let requestedWidth: Int?

  /// The only network, or the main one.
  public var network: Network { parts[0].network }

  /// Reads a file; which of both it is, its bytes tell.
  ///
  /// - Parameters:
  ///   - metadata: what the caller knows of labels and name, before what files say.
  ///   - preprocessing: what the caller knows of the input.
  ///   - needsWeights: whether all weights must be there; without them the model can be described, not run.
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or its tensors are not those
  ///   of its architecture.
  public init(
    path: String, metadata: ModelMetadata = ModelMetadata(),
    preprocessing: PreprocessingOverrides = PreprocessingOverrides(), needsWeights: Bool = true
  ) throws(InferenceError) {
    func refused(_ problem: String) -> InferenceError { .file(path: path, problem: problem) }
    let source: ModelSource
    do {
      source =
        try ONNXModel.isLikely(path: path)
        ? ModelSource(onnx: path, metadata, preprocessing)
        : ModelSource(safetensors: path, metadata, preprocessing)
    } catch let error as InferenceError {
      throw error
    } catch {
      throw refused("\(error)")
    }
    self.path = path
    variables = VariableStore()
    var parts: [Part] = []
    var nonFinite = NonFiniteWeights()
    var weightBytes = 0
    for part in source.parts {
      let graph = Graph()
      var classes: ClassLayout?
      var otherOutput = ""
      do throws(NetworkError) {
        let built = try part.network.build(
          on: graph, batch: 1, mode: .inference, scope: part.name.isEmpty ? nil : part.name)
        do throws(NetworkError) {
          classes = ClassLayout(try built.classScores(labelCount: source.labelCount))
        } catch { otherOutput = "\(error)" }
      } catch {
        throw refused("the architecture cannot be built: \(error)")
      }
      for variable in graph.variables where needsWeights {
        guard let value = part.value(variable.name) else {
          throw refused("is of another architecture: it lacks the tensor \(variable.name)")
        }
        guard value.shape == variable.shape else {
          throw refused(
            "is of another architecture: \(variable.name) is \(value.shape) instead of "
              + "\(variable.shape)")
        }
        variables.provide(value, for: variable.name)
        nonFinite.look(at: value, called: variable.name)
        weightBytes += 4 * value.count
      }
      parts.append(
        Part(
          name: part.name, network: part.network, classes: classes, otherOutput: otherOutput))
    }
    // Less is granted or not where it is asked for.
    guard weightBytes < 64 << 20 || weightBytes <= availableMemory() else {
      throw refused("\(EngineError.outOfMemory(bytes: weightBytes))")
    }
    self.parts = parts
    nonFiniteWeights = nonFinite
    task = source.task
    otherMetadata = source.otherMetadata
    requestedWidth = preprocessing.width
    do {
      card = try source.completedCard(
        takes: parts[0].network.inputShape, classes: parts[0].classes)
    } catch {
      throw refused("\(error)")
    }
  }
}

/// What a file says of a model, and the caller.
struct ModelSource {
  struct Part {
    let name: String
    let network: Network
    /// The value of a variable by its full name, the network's name in front.
    let value: (String) -> LazyTensor?
  }

  let parts: [Part]
  let task: ModelTask
  /// What else the file says, such as how far a network sees.
  public let otherMetadata: [String: String]
  private let card: ModelCard
  private let metadata: ModelMetadata
  private let preprocessing: PreprocessingOverrides
  /// Whether there must be as many labels as classes; of a model file whoever asks it checks that.
  private let labelsFit: Bool
  /// Whether samples go in as whole numbers.
  private let takesBytes: Bool

  /// How many labels the caller or the file names; nil where neither does.
  var labelCount: Int? {
    let names = metadata.classNames ?? card.classNames
    return names.isEmpty ? nil : names.count
  }

  init(
    safetensors path: String, _ metadata: ModelMetadata, _ preprocessing: PreprocessingOverrides
  ) throws {
    let file = try LazyModelFile(path: path)
    parts = try file.parts.map { part in
      Part(
        name: part.name,
        network: try Network(json: part.architecture, additionalTypes: [ONNXNetwork.self])
      ) { name in
        file[String(name.dropFirst(part.name.isEmpty ? 0 : part.name.count + 1)), of: part]
      }
    }
    (card, task, otherMetadata) = (file.card, file.task, file.otherMetadata)
    takesBytes = false
    guard
      card.preprocessing == nil
        || preprocessing.mean == nil && preprocessing.std == nil
          && preprocessing.channelOrder == nil
    else {
      throw InferenceError.knownPreprocessing(path: path)
    }
    self.metadata = metadata
    self.preprocessing = preprocessing
    labelsFit = metadata.classNames != nil
  }

  /// The card that `vision export` put into the file, or an empty one; before it goes what a JSON file
  /// of the same name says.
  init(
    onnx path: String, _ metadata: ModelMetadata, _ preprocessing: PreprocessingOverrides
  ) throws {
    let model = try ONNXModel(path: path)
    let stem = path.hasSuffix(".onnx") ? String(path.dropLast(".onnx".count)) : path
    let name = stem.split(separator: "/").last.map(String.init) ?? stem
    var card =
      try model.metadata[ONNXExport.cardKey].map {
        try JSONText.decode(ModelCard.self, from: $0, called: "model card")
      } ?? ModelCard(name: name)
    otherMetadata = model.metadata.filter { $0.key != ONNXExport.cardKey }
    let beside = try Sidecar(beside: stem)
    beside?.metadata.apply(to: &card)
    let known = preprocessing.merging(beside?.preprocessing)
      .merging(card.preprocessing.map(PreprocessingOverrides.init))
    (self.card, self.metadata, self.preprocessing) = (card, metadata, known)
    labelsFit = true
    let size: (Int, Int)? =
      if let height = known.height ?? known.width, let width = known.width ?? known.height {
        (height, width)
      } else { nil }
    let built = try model.network(
      size: size, output: metadata.output ?? beside?.metadata.output,
      classCount: metadata.classNames?.count
        ?? (card.classNames.isEmpty ? nil : card.classNames.count))
    takesBytes = built.takesBytes
    parts = [Part(name: "", network: built.network) { built.values[$0] }]
    task = built.network.inputShape.rank == 1 ? .generation : .classification
  }

  /// The card with all that is known of the main network.
  ///
  /// - Parameters:
  ///   - shape: what the network takes, H×W×C or F.
  ///   - classes: what its output says of classes.
  func completedCard(takes shape: Shape, classes: ClassLayout?) throws -> ModelCard {
    var card = card
    metadata.apply(to: &card)
    if labelsFit, task == .classification, let classes {
      let classCount = classes.count
      guard classCount <= 1 << 20 else {
        throw InferenceError.invalid("a network of \(classCount) classes cannot be shown")
      }
      if card.classNames.isEmpty {
        card.classNames = Labels.assumed(
          count: classCount,
          isNormalizedAsImageNet: preprocessing.mean == Normalization.imagenet.mean)
      }
      guard card.classNames.count == classCount else {
        throw InferenceError.invalid(
          "there are \(card.classNames.count) labels for a network of \(classCount) classes")
      }
    }
    var preprocessing = preprocessing
    if takesBytes {
      let bytes = Normalization.zeroTo255
      guard [nil, bytes.mean].contains(preprocessing.mean),
        [nil, bytes.std].contains(preprocessing.std)
      else {
        throw InferenceError.invalid(
          "the network takes samples of 0…255 as whole numbers; give --preprocess bytes, or nothing"
        )
      }
      (preprocessing.mean, preprocessing.std) = (bytes.mean, bytes.std)
    }
    guard shape.rank == 3, preprocessing != PreprocessingOverrides() else { return card }
    card.preprocessing =
      try preprocessing.merging(card.preprocessing.map(PreprocessingOverrides.init))
      .resolved(height: shape[0], width: shape[1], channels: shape[2]) ?? card.preprocessing
    return card
  }
}

/// What a JSON file beside an ONNX file says of it: `classNames`, `name` and other texts of the card, and
/// `preprocessing`.
private struct Sidecar: Decodable {
  let metadata: ModelMetadata
  let preprocessing: PreprocessingOverrides?

  private enum CodingKeys: CodingKey {
    case preprocessing
    // The former spelling.
    case input
  }

  init(from decoder: any Decoder) throws {
    metadata = try ModelMetadata(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    preprocessing = try container.decodeIfPresent(
      PreprocessingOverrides.self,
      forKey: container.contains(.preprocessing) ? .preprocessing : .input)
  }

  /// - Parameter stem: the path of the ONNX file without its extension.
  /// - Returns: nil where there is no such file.
  init?(beside stem: String) throws {
    let path = stem + ".json"
    guard access(path, F_OK) == 0 else { return nil }
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch {
      throw InferenceError.file(path: path, problem: "cannot be read")
    }
    do throws(ModelFileError) {
      self = try JSONText.decode(
        Sidecar.self, from: String(decoding: data, as: UTF8.self), called: "description")
    } catch {
      throw InferenceError.file(path: path, problem: "\(error)")
    }
  }
}
