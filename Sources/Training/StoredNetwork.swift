import Engine
import FoundationEssentials
import Graphs
import ModelFiles
import Networks
import Tensors

/// A network as a model file holds it: architecture, values and card, which fit each other.
struct StoredNetwork {
  let card: ModelCard
  let network: Network
  /// The shape of what the network makes of one element.
  let logitsShape: Shape
  /// Values of all that the network declares.
  let variables = VariableStore()
  let otherMetadata: [String: String]

  /// Reads a model file.
  ///
  /// - Throws: ``TrainingError/file(path:problem:)`` where it is damaged or its tensors are not those
  ///   of its architecture.
  init(path: String) throws(TrainingError) {
    func refused(_ problem: String) -> TrainingError { .file(path: path, problem: problem) }
    let file: OpenedModelFile
    do throws(ModelFileError) { file = try OpenedModelFile(path: path) } catch {
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
    do throws(NetworkError) {
      logitsShape = try network.build(on: graph, batch: 1, mode: .inference).logits.shape
    } catch {
      throw refused("the architecture cannot be built: \(error)")
    }
    for variable in graph.variables {
      guard let value = file[variable.name] else {
        throw refused("is of another architecture: it lacks the tensor \(variable.name)")
      }
      guard value.shape == variable.shape else {
        throw refused(
          "is of another architecture: \(variable.name) is \(value.shape) instead of "
            + "\(variable.shape)")
      }
      variables.provide(value, for: variable.name)
    }
    card = file.card
    otherMetadata = file.otherMetadata
  }
}
