import Graphs
import Tensors

/// A network: the shape of what goes in, and layers one after the other.
///
///     let network = Network(input: [28, 28, 1]) {
///       Conv2D(32, 3, activation: .relu)
///       MaxPool2D(2)
///       Flatten()
///       Dense(10, activation: .softmax)
///     }
///
/// It is a description, without weights: `build` adds it to a graph, in which its weights are
/// variables by name, and `summary` measures it. It is `Codable`, so that a model file can hold it.
public struct Network: Sendable {
  /// What goes in, one element: height × width × channels, length × channels, or features.
  public let inputShape: Shape
  /// The layers, from input to output.
  public let layers: [NamedLayer]

  /// Layers written one below the other. Without a name of their own they are called by kind and
  /// number: `conv1`, `dense2`.
  public init(
    input: Shape, naming: LayerNaming = .kinds,
    @LayerBuilder _ layers: () -> [LayerBuilder.Element]
  ) {
    self.init(input: input, layers: [NamedLayer](layers(), naming: naming))
  }

  /// Layers that have their names.
  public init(input: Shape, layers: [NamedLayer]) {
    self.inputShape = input
    self.layers = layers
  }

  /// The same network with each layer replaced by what `replace` returns for it, those inside
  /// blocks first. Names stay.
  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Network {
    Network(input: inputShape, layers: layers.replacing(replace))
  }

  /// The same network with all dropout layers at another rate.
  public func withDropout(_ rate: Float) -> Network {
    replacingLayers { $0 is Dropout ? Dropout(rate) : $0 }
  }

  /// Adds the network to a graph, with an input of its own.
  ///
  /// - Parameters:
  ///   - batch: how many elements go in at once.
  ///   - input: the name of the graph's input, N × C × H × W.
  ///   - scope: put before the names of all parameters, where a graph holds several networks.
  ///   - updatesStatistics: whether training mode also assigns running statistics. They can be
  ///     assigned once in a graph, so of two uses of one network only one may.
  /// - Throws: the first layer that cannot take what it receives.
  public func build(
    on graph: Graph, batch: Int, mode: Mode, input: String = "input", scope: String? = nil,
    updatesStatistics: Bool = true
  ) throws(NetworkError) -> BuiltNetwork {
    let node: Node
    do { node = try graph.input(input, inputShape.batched(batch)) } catch {
      throw .network("input \(inputShape), batch \(batch): \(error.message)")
    }
    return try build(
      on: node, mode: mode, scope: scope, updatesStatistics: updatesStatistics)
  }

  /// Adds the network to the graph of a node, which it takes as its input: N × C × H × W.
  ///
  /// - Parameter values: nodes that stand in for parameters, by the parameters' full names: what an
  ///   optimiser made of them in the same run, or weights of another norm.
  /// - Throws: the first layer that cannot take what it receives.
  public func build(
    on input: Node, mode: Mode, scope: String? = nil, updatesStatistics: Bool = true,
    values: [String: Node] = [:]
  ) throws(NetworkError) -> BuiltNetwork {
    guard input.shape.rank >= 2, input.shape.channelsLast == inputShape else {
      throw .network("the network takes \(inputShape), received \(input.shape.channelsLast)")
    }
    var context = BuildContext(
      graph: input.graph, mode: mode, updatesStatistics: updatesStatistics, scope: scope,
      values: values)
    let output = try context.run(layers, on: input)
    return BuiltNetwork(input: input, output: output, context: context)
  }
}

/// A network's nodes in a graph.
public struct BuiltNetwork {
  /// What goes in.
  public let input: Node
  /// What the last layer makes.
  public let output: Node
  /// The output before a softmax or sigmoid that the network ends in: what losses "from logits"
  /// take. The output itself where it ends in neither.
  public let logits: Node
  /// The activation that the network ends in.
  public let outputActivation: Activation
  /// The trained variables in the order of their declaration.
  public let parameters: [Node]
  /// What each layer added, in order.
  public let layers: [LayerReport]

  init(input: Node, output: Node, context: BuildContext) {
    self.input = input
    self.output = output
    parameters = context.parameters
    layers = context.reports
    guard let last = context.lastActivation, last.output == output else {
      outputActivation = .linear
      logits = output
      return
    }
    outputActivation = last.kind
    logits = last.kind == .softmax || last.kind == .sigmoid ? last.input : output
  }

  /// The probability of each class, N × classes: the output of a network that ends in softmax or
  /// sigmoid, the softmax of one that ends without an activation.
  public func probabilities() throws(NetworkError) -> Node {
    switch outputActivation {
    case .softmax, .sigmoid: return output
    default:
      do { return try logits.applying(Softmax(axis: 1)) } catch {
        throw .network("the output \(output.shape.channelsLast) holds no classes: \(error.message)")
      }
    }
  }

  /// The output of a layer by its path, or nil where there is none.
  public func output(of path: String) -> Node? {
    layers.first { $0.path == path }?.output
  }
}

/// In JSON `{"input": [28, 28, 1], "layers": [{"type": "Conv2D", "name": "conv1", …}, …]}`.
extension Network: Codable {
  private enum CodingKeys: String, CodingKey { case input, layers }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    inputShape = Shape(try container.decode([Int].self, forKey: .input))
    layers = try container.decode([NamedLayer].self, forKey: .layers)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(inputShape.dimensions, forKey: .input)
    try container.encode(layers, forKey: .layers)
  }
}
