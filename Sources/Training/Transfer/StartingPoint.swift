import Inference
import ModelFiles
import Networks
import Tensors

/// A trained network that is to learn other classes.
public struct StartingPoint: Sendable {
  /// The model as the user named it.
  public let name: String
  public let card: ModelCard
  private let network: Network
  private let values: TensorTable

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - name: how the user called it.
  ///   - preprocessing: what is known of an ONNX file's input.
  /// - Throws: where it is damaged, or does not take pictures.
  public init(
    path: String, name: String, preprocessing: PreprocessingOverrides = PreprocessingOverrides()
  ) throws(TrainingError) {
    let stored = try wrapped(try LoadedModel(path: path, preprocessing: preprocessing))
    self.name = name
    (card, network) = (stored.card, stored.network)
    guard network.inputShape.rank == 3, network.inputShape[0] == network.inputShape[1] else {
      throw .file(
        path: path, problem: "takes no square pictures, so no classes can be learnt from it")
    }
    guard card.preprocessing != nil else {
      throw TrainingError(wrapping: InferenceError.missingPreprocessing(path: path))
    }
    var values = TensorTable()
    for name in stored.variables.names { values[name] = stored.variables[name] }
    self.values = values
  }

  /// The side of the pictures that the network was trained on.
  public var imageSize: Int { network.inputShape[0] }

  /// The network for other classes and, where its layers allow it, another size of pictures.
  ///
  /// - Throws: where it cannot be had so.
  package func network(classes: Int, imageSize: Int) throws(TrainingError) -> Network {
    do {
      return try Network(
        input: [imageSize, imageSize, network.inputShape[2]], layers: network.layers
      ).withClasses(classes)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// The values that a network made of this one begins with: all but its head's, where the classes are
  /// others.
  ///
  /// - Throws: where a layer before the head needs other values for that size of pictures.
  package func values(
    for network: Network, classNames: [String]
  ) throws(TrainingError) -> TensorTable {
    let keepsHead = classNames == card.classNames
    let backbone = network.prefix(network.backboneLayerCount ?? 0)
    do {
      let inherited = Set(try backbone.variables().map(\.name))
      var kept = TensorTable()
      for variable in try network.variables() {
        let value = values[variable.name]
        if value?.shape == variable.shape, keepsHead || inherited.contains(variable.name) {
          kept[variable.name] = value
        } else if inherited.contains(variable.name) {
          throw TrainingError.options(
            "\(name): \(variable.name) would be \(variable.shape) for pictures of that size; "
              + "leave --size out")
        }
      }
      return kept
    } catch { throw TrainingError(wrapping: error) }
  }

  /// How a training on so many pictures goes on from here.
  package func transfer(_ freeze: Freeze, pictures: Int) throws(TrainingError) -> Transfer {
    guard let backbone = network.backboneLayerCount else {
      throw .network("\(name): the network has no head that could be replaced")
    }
    let frozen =
      switch freeze {
      case .backbone: backbone
      case .none: 0
      case .layers(let count): count
      }
    guard (0...backbone).contains(frozen) else {
      throw .options("--freeze \(frozen): expected 0 to \(backbone), the layers before the head")
    }
    return Transfer(
      model: name, frozenLayers: frozen,
      views: min(max(Self.viewsInAll / max(pictures, 1), 1), Self.mostViews))
  }

  /// Few pictures are seen several times, each time varied.
  private static let mostViews = 8
  private static let viewsInAll = 20_000
}
