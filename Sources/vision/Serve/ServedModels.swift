import Datasets
import Inference
import ModelFiles
import Networks
import Synchronization

/// A model that the server has.
final class ServedModel: Sendable {
  /// What requests call it.
  let name: String
  let path: String
  let byteCount: Int

  /// What is known of a classifier without its weights.
  struct ClassifierFacts: Sendable {
    let classNames: [String]
    let preprocessing: Preprocessing
    /// Whether labels hold or not, each on its own.
    let severalMayHold: Bool
    /// See ``ImageClassifier/sufficientSide``.
    let sufficientSide: Int
  }

  private struct Known: Sendable {
    var card: ModelCard?
    var facts: ClassifierFacts?
  }
  private let known = Mutex(Known())

  init(name: String, path: String, byteCount: Int) {
    self.name = name
    self.path = path
    self.byteCount = byteCount
  }

  /// The model without its weights.
  func described() throws(InferenceError) -> LoadedModel {
    try LoadedModel(path: path, needsWeights: false)
  }

  func card() throws(InferenceError) -> ModelCard {
    if let card = known.withLock({ $0.card }) { return card }
    let card = try described().card
    known.withLock { $0.card = card }
    return card
  }

  /// - Throws: where it is no classifier of images.
  func classifierFacts() throws(InferenceError) -> ClassifierFacts {
    if let facts = known.withLock({ $0.facts }) { return facts }
    let classifier = try described().classifier()
    let facts = ClassifierFacts(
      classNames: classifier.classNames, preprocessing: classifier.preprocessing,
      severalMayHold: classifier.classes.activation == .sigmoid,
      sufficientSide: ImageClassifier(classifier).sufficientSide)
    known.withLock { $0.facts = facts }
    return facts
  }
}

/// The models that requests may name: told at the start, and no others.
struct ServedModels: Sendable {
  let all: [ServedModel]

  /// - Parameter names: bundled models and files; none for all that are bundled.
  init(named names: [String]) throws(RunError) {
    let catalog = ModelCatalog()
    var all: [ServedModel] = []
    if names.isEmpty {
      all = catalog.entries.map {
        ServedModel(name: $0.name, path: $0.path, byteCount: $0.byteCount)
      }
    }
    for name in names {
      let path: String
      do { path = try catalog.path(for: name) } catch { throw .stopped("--model \(error)") }
      let file = name.split(separator: "/").last.map(String.init) ?? name
      let ending = [".safetensors", ".onnx"].first { file.hasSuffix($0) }
      let stem = String(file.dropLast(ending?.count ?? 0))
      guard !all.contains(where: { $0.name == stem }) else {
        throw .usage("--model \(name): there is another one called \(stem); rename one")
      }
      let model = ServedModel(
        name: stem, path: path,
        byteCount: FileStatus(of: FilePath(argument: path))?.size ?? 0)
      do throws(InferenceError) { _ = try model.card() } catch { throw .stopped(advised(error)) }
      all.append(model)
    }
    self.all = all
  }

  /// - Throws: 404's kind of problem, as bad usage, for a name that was not told at the start.
  func model(_ name: String) throws(RunError) -> ServedModel {
    guard let model = all.first(where: { $0.name == name }) else {
      let names = all.map(\.name).joined(separator: ", ")
      throw .usage(
        all.isEmpty ? "this server has no models" : "no such model; this server has \(names)")
    }
    return model
  }
}
