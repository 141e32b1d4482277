import Inference
import ModelFiles
import Networks
import Tensors
import Training

/// A trained network that is to learn other classes.
public struct PretrainedModel: Sendable {
  /// The model as the user named it.
  public let name: String
  public let card: ModelCard
  private let network: Network
  private let values: TensorTable
  /// Whether its labels hold or not, each on its own.
  private let isMultiLabel: Bool

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - name: how the user called it.
  ///   - preprocessing: what is known of an ONNX file's input.
  /// - Throws: where it is damaged, or does not take images.
  public init(
    path: String, name: String, preprocessing: PreprocessingOverrides = PreprocessingOverrides()
  ) throws(TrainingError) {
    let model: LoadedModel
    do throws(InferenceError) {
      model = try LoadedModel(path: path, preprocessing: preprocessing)
      guard model.card.preprocessing != nil || model.network.inputShape.rank != 3 else {
        throw .missingPreprocessing(path: path)
      }
    } catch { throw TrainingError(wrapping: error) }
    guard !model.nonFiniteWeights.holdsNaN else {
      throw .file(
        path: path,
        problem: "is damaged: its weights \(model.nonFiniteWeights.list) hold what is not a number")
    }
    self.name = name
    (card, network) = (model.card, model.network)
    isMultiLabel = model.parts[0].classes?.activation == .sigmoid
    guard network.inputShape.rank == 3, network.inputShape[0] == network.inputShape[1] else {
      throw .file(path: path, problem: "does not take square images, so it cannot be fine-tuned")
    }
    var values = TensorTable()
    for name in model.variables.names { values[name] = model.variables[name] }
    self.values = values
  }

  /// The side of the images that the network was trained on.
  public var imageSize: Int { network.inputShape[0] }

  /// Whether these are its classes already, and hold each on its own or exclude each other as its own do.
  package func tells(_ classNames: [String], isMultiLabel: Bool) -> Bool {
    card.classNames == classNames && self.isMultiLabel == isMultiLabel
  }

  /// The side of the images from which it learns other classes: larger ones than it was trained on, as far as
  /// the data has them and its layers take them, where it was trained on small ones. (`things`, trained on 80
  /// pixels, learns the classes of 50 photographs each of imagenette to 77.7 % at 80, 78.8 % at 96 and 80.1 % at
  /// 128 pixels in about the same time.)
  func imageSize(for data: TrainingData) -> Int {
    let side = min(data.commonSide, imageSize * 8 / 5, Self.largestEnlarged) / 16 * 16
    guard side > imageSize, let network = try? network(classes: 2, imageSize: side),
      (try? weights(for: network, classNames: ["", " "])) != nil
    else { return imageSize }
    return side
  }

  /// Larger images cost more than they bring.
  private static let largestEnlarged = 128

  /// The network for other classes and, where its layers allow it, another size of images.
  ///
  /// - Parameter isMultiLabel: whether they are labels that hold or not, each on its own.
  /// - Throws: where it cannot be had so.
  package func network(
    classes: Int, imageSize: Int, isMultiLabel: Bool = false
  ) throws(TrainingError) -> Network {
    do {
      return try Network(
        input: [imageSize, imageSize, network.inputShape[2]], layers: network.layers
      ).withClasses(classes, activation: isMultiLabel ? .sigmoid : .softmax)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// The values that a network made of this one begins with: all but its head's, where the classes are
  /// others.
  ///
  /// - Throws: where a layer before the head needs other values for that size of images.
  package func weights(
    for network: Network, classNames: [String], isMultiLabel: Bool = false
  ) throws(TrainingError) -> TensorTable {
    let keepsHead = tells(classNames, isMultiLabel: isMultiLabel)
    do {
      let inherited = Set(try network.backbone.variables().map(\.name))
      var kept = TensorTable()
      for variable in try network.variables() {
        let value = values[variable.name]
        if value?.shape == variable.shape, keepsHead || inherited.contains(variable.name) {
          kept[variable.name] = value
        } else if inherited.contains(variable.name) {
          throw TrainingError.setting(
            "imageSize",
            "\(imageSize): \(variable.name) of \(name) would be \(variable.shape) at that size")
        }
      }
      return kept
    } catch { throw TrainingError(wrapping: error) }
  }

  /// How a training on so many images goes on from here.
  ///
  /// - Parameter keepsHead: whether the head goes on learning as it is, too.
  package func fineTuning(
    _ freeze: Freeze, images: Int, classes: Int, keepsHead: Bool
  ) throws(TrainingError) -> FineTuning {
    guard let backbone = network.backboneCount else {
      throw .network("\(name): the network has no replaceable head")
    }
    let frozen: Int
    switch freeze {
    case .backbone: frozen = backbone
    case .none: frozen = 0
    case .automatic:
      let isFew = images < Self.few * max(classes, 1)
      frozen = isFew && !keepsHead ? try firstResolutionCount(most: backbone) : 0
    case .layers(let count): frozen = count
    case .embedding: throw .options("--freeze embedding is for texts, not for images")
    }
    guard (0...backbone).contains(frozen) else {
      throw .setting(
        "freeze", "\(frozen): must be between 0 and \(backbone), the layers before the head")
    }
    return FineTuning(
      model: name, frozenLayers: frozen,
      augmentedViews: keepsHead
        ? 0 : min(max(Self.totalViews / max(images, 1), 1), Self.maxAugmentedViews))
  }

  /// How many of the outermost layers, from the first on, make maps of one side.
  private func firstResolutionCount(most: Int) throws(TrainingError) -> Int {
    do {
      let rows = try network.prefix(most).summary().layers
      let names = network.layers.prefix(most).map(\.name)
      let sides = names.map { name in
        rows.last { $0.name == name || $0.name.hasPrefix("\(name).") }?.output.first
      }
      return sides.prefix { $0 == sides.first }.count
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Images a class that are few.
  private static let few = 100
  /// Few images are seen several times, each time augmented.
  private static let maxAugmentedViews = 4
  private static let totalViews = 20_000
}
