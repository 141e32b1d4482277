import Graphs
import ModelFiles
import Models
import Networks
import Tensors

/// Weights that were trained elsewhere, fitted to an architecture: what `vision import` does.
public struct WeightImport {
  /// What the weights are said to be of.
  public enum Architecture: Sendable {
    /// One of the catalog, for as many classes as the weights have.
    case named(String)
    /// A description, for as many classes as the weights have.
    case described(Network)
  }

  /// What the file does not say.
  public struct Options: Sendable {
    public var architecture: Architecture
    /// Sides of the square that images are brought to; nil takes the architecture's own input.
    public var size: Int?
    /// Gray or color; nil takes what the weights fit.
    public var channels: Int?
    /// The number of classes; nil takes the weights' own.
    public var classes: Int?
    /// Beginnings of the file's names and what to write in their place.
    public var renamedPrefixes: [(old: String, new: String)]
    /// Whether tensors that cannot be told apart by name or shape are taken in the file's order.
    public var matchesByOrder: Bool
    /// Which of a checkpoint's networks is meant; nil takes averaged weights, or the only ones.
    public var part: String?

    public init(
      architecture: Architecture, size: Int? = nil, channels: Int? = nil, classes: Int? = nil,
      renamedPrefixes: [(old: String, new: String)] = [], matchesByOrder: Bool = false,
      part: String? = nil
    ) {
      self.architecture = architecture
      self.size = size
      self.channels = channels
      self.classes = classes
      self.renamedPrefixes = renamedPrefixes
      self.matchesByOrder = matchesByOrder
      self.part = part
    }
  }

  /// The architecture for the classes and the input that the weights fit best.
  public let network: Network
  /// How many outputs it has.
  public let classCount: Int
  /// What fits what.
  public let match: WeightMatch
  private let file: WeightsFile
  private let path: String
  private let architecture: Architecture

  /// Opens a file and fits it to the architecture. Whether all of it fits says ``match``.
  ///
  /// - Throws: where the file cannot be read, or the architecture cannot be had.
  public init(path: String, options: Options) throws(InferenceError) {
    self.path = path
    architecture = options.architecture
    do throws(ModelFileError) { file = try WeightsFile(path: path, part: options.part) } catch {
      throw .file(path: path, problem: "\(error)")
    }
    let tensors = file.entries
    var best: (network: Network, match: WeightMatch)?
    for channels in options.channels.map({ [$0] }) ?? options.architecture.channelChoices {
      func fit(_ classes: Int) throws(InferenceError) -> (Network, WeightMatch, [Variable]) {
        do {
          let network = try options.architecture.network(
            classes: classes, size: options.size, channels: channels)
          let variables = try network.variables()
          let match = WeightMatch(
            variables: variables.map { ($0.name, $0.shape) }, tensors: tensors,
            renamedPrefixes: options.renamedPrefixes, matchesByOrder: options.matchesByOrder)
          return (network, match, variables)
        } catch { throw InferenceError(wrapping: error) }
      }
      var classes = options.classes
      if let wanted = classes {
        if let own = try? Self.classCount(fit), own != wanted {
          throw .invalid("there are \(wanted) labels for weights of \(own) classes")
        }
      } else {
        classes = try Self.classCount(fit)
      }
      let (network, match, _) = try fit(classes ?? 0)
      if best.map({ match.pairs.count > $0.match.pairs.count }) ?? true {
        best = (network, match)
      }
    }
    guard let best else { throw .invalid("the architecture takes no images") }
    (network, match) = best
    do throws(NetworkError) {
      let output = try network.build(on: Graph(), batch: 1, mode: .inference).output.shape
      classCount = output.rank == 2 ? output[1] : 0
    } catch { throw InferenceError(wrapping: error) }
  }

  /// The number of classes for which the file's tensors fit: which variables depend on it shows in two
  /// networks of other numbers, and the file says how long that axis is.
  private static func classCount(
    _ fit: (Int) throws(InferenceError) -> (Network, WeightMatch, [Variable])
  ) throws(InferenceError) -> Int {
    // Two numbers that no layer has by chance.
    let (first, second) = (9973, 9967)
    let (_, match, variables) = try fit(first)
    let (_, _, others) = try fit(second)
    for (variable, other) in zip(variables, others) where variable.shape != other.shape {
      guard let mismatch = match.shapeMismatches.first(where: { $0.variable == variable.name }),
        mismatch.received.rank == variable.shape.rank,
        let axis = variable.shape.dimensions.firstIndex(of: first)
      else { continue }
      let inner = variable.shape.dimensions.filter { $0 != first }
      // A dense weight may lie the other way round.
      for place in [axis, variable.shape.rank - 1 - axis] {
        var rest = mismatch.received.dimensions
        let count = rest.remove(at: place)
        if rest == inner { return count }
      }
    }
    throw .invalid(
      "cannot infer the number of classes; pass --labels, or rename tensors with --rename")
  }

  /// The model, complete, with the file's other texts as they were.
  ///
  /// - Parameter card: says what the classes are called and what goes in.
  /// - Throws: where tensors are missing or do not fit.
  public func modelFile(card: ModelCard) throws(InferenceError) -> ModelFile {
    guard match.isComplete else { throw .file(path: path, problem: problem) }
    do {
      let values = try match.values(from: file)
      var nonFinite = NonFiniteWeights()
      for pair in match.pairs {
        if let value = values[pair.variable] {
          nonFinite.look(at: LazyTensor(value), called: pair.tensor)
        }
      }
      guard nonFinite.names.isEmpty else {
        throw InferenceError.network(
          "is damaged: \(nonFinite.list) hold numbers that are not finite")
      }
      return ModelFile(
        tensors: values, architecture: try network.json(), card: card,
        otherMetadata: file.metadata)
    } catch { throw .file(path: path, problem: "\(error)") }
  }

  /// What the networks of the catalog with ImageNet's 1,000 classes are made for; nil of others.
  ///
  /// torchvision's take the center 224 × 224 of an image whose shorter side was brought to 256, EfficientNet's by
  /// cubic interpolation, normalized as ImageNet's; its GoogLeNet undoes that, as Keras's Xception does without,
  /// to −1…1.
  public var usualPreprocessing: PreprocessingOverrides? {
    let shape = network.inputShape
    guard case .named(let name) = architecture, classCount == Labels.imageNet.count,
      shape.rank == 3, shape[2] == 3
    else { return nil }
    let normalization: Normalization =
      ["googlenet", "xception"].contains(name) ? .minusOneToOne : .imagenet
    var usual = PreprocessingOverrides(mean: normalization.mean, std: normalization.std)
    if shape[0] == 224, shape[1] == 224 { usual.shorterSide = 256 }
    if name == "efficientnet-b0" { usual.interpolation = .cubic }
    return usual
  }

  /// Under which name of a checkpoint the weights lie; empty where the file holds nothing else.
  public var part: String { checkpoint?.part ?? "" }
  /// Other networks that the checkpoint holds.
  public var otherParts: [String] { checkpoint?.otherParts ?? [] }
  /// What the checkpoint holds that is no tensor, by name.
  public var passedOver: [String] { checkpoint?.passedOver ?? [] }

  private var checkpoint: PyTorchFile? {
    if case .pyTorch(let file) = file { file } else { nil }
  }

  /// Tensors of the file that nothing needs, without those of classifiers on the side, which only a training
  /// has.
  public var unusedTensors: [String] {
    guard !match.unexpectedKeys.isEmpty else { return [] }
    let graph = Graph()
    _ = try? network.build(on: graph, batch: 2, mode: .training)
    let known = Set(graph.variables.map(\.name))
    return match.unexpectedKeys.filter { !known.contains(String($0.dropFirst(match.prefix.count))) }
  }

  /// What keeps the network from being complete, in one line.
  private var problem: String {
    let mismatches = match.shapeMismatches.map {
      "\($0.variable) is \($0.received), not \($0.expected)"
    }
    let missing = match.missingKeys.isEmpty ? [] : ["missing \(Self.list(match.missingKeys))"]
    let unused = unusedTensors
    let unexpected = unused.isEmpty ? "" : "; unexpected \(Self.list(unused))"
    return "does not match the architecture (\(match.pairs.count) tensors match): "
      + Self.list(missing + mismatches) + unexpected
      + "; use --rename OLD=NEW to rename prefixes"
  }

  private static func list(_ items: [String]) -> String {
    let shown = items.prefix(6).joined(separator: ", ")
    return items.count > 6 ? "\(shown) and \(items.count - 6) more" : shown
  }
}

extension WeightImport.Architecture {
  /// Gray and color, the architecture's own first.
  fileprivate var channelChoices: [Int] {
    let own: Int
    switch self {
    case .named(let name):
      own = Models.entry(name).flatMap { $0.input.rank == 3 ? $0.input[2] : nil } ?? 3
    case .described(let network):
      return network.inputShape.rank == 3 ? [network.inputShape[2]] : []
    }
    return own == 1 ? [1, 3] : [3, 1]
  }

  fileprivate func network(
    classes: Int, size: Int?, channels: Int
  ) throws(NetworkError) -> Network {
    switch self {
    case .named(let name):
      let own = Models.entry(name)?.input ?? [224, 224, 3]
      return try Models.named(
        name, classes: classes,
        input: own.rank == 3 ? [size ?? own[0], size ?? own[1], channels] : nil)
    case .described(let network):
      let own = network.inputShape
      return try Network(
        input: own.rank == 3 ? [size ?? own[0], size ?? own[1], channels] : own,
        layers: network.layers
      ).withClasses(classes)
    }
  }
}

extension Network {
  /// The variables that the network declares, in order.
  package func variables() throws(NetworkError) -> [Variable] {
    let graph = Graph()
    _ = try build(on: graph, batch: 1, mode: .inference)
    return graph.variables
  }
}
