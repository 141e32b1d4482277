import Engine
import FoundationEssentials
import Graphs
import ModelFiles
import Networks
import Tensors

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

  /// Reads a model file.
  ///
  /// - Throws: ``TrainingError/file(path:problem:)`` where it is damaged, of another kind, or its
  ///   tensors are not those of its architecture.
  public init(path: String) throws(TrainingError) {
    func refused(_ problem: String) -> TrainingError { .file(path: path, problem: problem) }
    let file: ModelFile
    do throws(ModelFileError) { file = try ModelFile(path: path) } catch {
      throw refused("\(error)")
    }
    do {
      network = try JSONDecoder().decode(
        Network.self, from: FoundationEssentials.Data(file.architecture.utf8))
    } catch let error as NetworkError {
      throw refused("\(error)")
    } catch {
      throw refused("the architecture cannot be read")
    }
    let graph = Graph()
    let classCount: Int
    do throws(NetworkError) {
      let logits = try network.build(on: graph, batch: 1, mode: .inference).logits
      classCount = logits.shape.rank == 2 ? logits.shape[1] : 0
    } catch {
      throw refused("the architecture cannot be built: \(error)")
    }
    guard let input = file.card.input, classCount > 0, classCount == file.card.classNames.count
    else { throw refused("is no classifier: it names \(file.card.classNames.count) classes") }
    guard network.inputShape == [input.height, input.width, input.channels] else {
      throw refused("the network takes \(network.inputShape), the card says otherwise")
    }
    variables = VariableStore()
    for variable in graph.variables {
      guard let value = file.tensors[variable.name] else {
        throw refused("is of another architecture: it lacks the tensor \(variable.name)")
      }
      guard value.shape == variable.shape else {
        throw refused(
          "is of another architecture: \(variable.name) is \(value.shape) instead of "
            + "\(variable.shape)")
      }
      variables[variable.name] = value
    }
    card = file.card
    mirrors = file.otherMetadata[Self.mirrorsKey] == "true"
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
