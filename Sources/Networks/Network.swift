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
  /// What goes in: one tensor, mostly, which the first layer takes. Others are taken by layers that name
  /// them, such as ``ConcatenateInput``.
  public let inputs: [NetworkInput]
  /// The layers, from input to output.
  public let layers: [NamedLayer]

  /// Layers written one below the other. Without a name of their own they are called by kind and
  /// number: `conv1`, `dense2`.
  public init(
    input: Shape, naming: LayerNaming = .byType,
    @LayerBuilder _ layers: () -> [LayerBuilder.Element]
  ) {
    self.init(input: input, layers: [NamedLayer](layers(), naming: naming))
  }

  /// Layers that have their names.
  public init(input: Shape, layers: [NamedLayer]) {
    self.init(inputs: [NetworkInput(Self.defaultInput, input)], layers: layers)
  }

  /// A network of several inputs, of which the first layer takes the first:
  ///
  ///     Network(inputs: [NetworkInput("latent", [100]), NetworkInput("class", [10])]) {
  ///       ConcatenateInput("class")
  ///       Dense(784, activation: .tanh)
  ///     }
  ///
  /// - Precondition: there is at least one input, and their names differ.
  public init(
    inputs: [NetworkInput], naming: LayerNaming = .byType,
    @LayerBuilder _ layers: () -> [LayerBuilder.Element]
  ) {
    self.init(inputs: inputs, layers: [NamedLayer](layers(), naming: naming))
  }

  /// The same with layers that have their names.
  public init(inputs: [NetworkInput], layers: [NamedLayer]) {
    precondition(!inputs.isEmpty && Set(inputs.map(\.name)).count == inputs.count)
    self.inputs = inputs
    self.layers = layers
  }

  /// The name of the input of a network that has one.
  public static let defaultInput = "input"

  /// The shape of one element of the first input: height × width × channels, length × channels, or
  /// features.
  public var inputShape: Shape { inputs[0].shape }

  /// The same network with each layer replaced by what `replace` returns for it, those inside
  /// blocks first. Names stay.
  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Network {
    Network(inputs: inputs, layers: layers.replacing(replace))
  }

  /// The same network for sequences of another length: its first input's first extent.
  public func withSteps(_ steps: Int) -> Network {
    var inputs = inputs
    inputs[0].shape = inputs[0].shape.replacing(axis: 0, with: steps)
    return Network(inputs: inputs, layers: layers)
  }

  /// The same network with all dropout layers at another rate.
  public func withDropout(_ rate: Float) -> Network {
    replacingLayers { $0 is Dropout ? Dropout(rate) : $0 }
  }

  /// Adds the network to a graph, with inputs of its own, which are called as the network calls them.
  ///
  /// - Parameters:
  ///   - batch: how many elements go in at once.
  ///   - scope: put before the names of all parameters, where a graph holds several networks.
  ///   - updatesStatistics: whether training mode also assigns running statistics. They can be
  ///     assigned once in a graph, so of two uses of one network only one may.
  /// - Throws: the first layer that cannot take what it receives.
  public func build(
    on graph: Graph, batch: Int, mode: Mode, scope: String? = nil, updatesStatistics: Bool = true
  ) throws(NetworkError) -> BuiltNetwork {
    let nodes = try inputs.map { (input) throws(NetworkError) in
      do throws(GraphError) {
        return try graph.input(input.name, input.shape.batched(batch))
      } catch {
        throw .network("\(input.name) \(input.shape), batch \(batch): \(error.message)")
      }
    }
    return try build(
      on: nodes, mode: mode, scope: scope, updatesStatistics: updatesStatistics)
  }

  /// Adds the network to the graph of a node, which it takes as its one input: N × C × H × W.
  ///
  /// - Parameter values: nodes that stand in for parameters, by the parameters' full names: what an
  ///   optimizer made of them in the same run, or weights of another norm.
  /// - Throws: the first layer that cannot take what it receives.
  public func build(
    on input: Node, mode: Mode, scope: String? = nil, updatesStatistics: Bool = true,
    values: [String: Node] = [:]
  ) throws(NetworkError) -> BuiltNetwork {
    try build(
      on: [input], mode: mode, scope: scope, updatesStatistics: updatesStatistics, values: values)
  }

  /// Adds the network to the graph of some nodes, which it takes as its ``inputs``, in their order.
  ///
  /// - Throws: the first layer that cannot take what it receives.
  public func build(
    on nodes: [Node], mode: Mode, scope: String? = nil, updatesStatistics: Bool = true,
    values: [String: Node] = [:]
  ) throws(NetworkError) -> BuiltNetwork {
    guard nodes.count == inputs.count, let first = nodes.first else {
      throw .network("the network takes \(inputs.count) inputs, received \(nodes.count)")
    }
    for (node, input) in zip(nodes, inputs)
    where node.shape.rank < 2 || node.shape.channelsLast != input.shape {
      let name = inputs.count > 1 ? " as \(input.name)" : ""
      throw .network("the network takes \(input.shape)\(name), received \(node.shape.channelsLast)")
    }
    var context = BuildContext(
      graph: first.graph, mode: mode, updatesStatistics: updatesStatistics, scope: scope,
      values: values,
      inputs: Dictionary(zip(inputs.map(\.name), nodes), uniquingKeysWith: { $1 }))
    try context.takeLengths()
    let output = try context.run(layers, on: first)
    return BuiltNetwork(inputs: nodes, output: output, context: context)
  }
}

/// A network's nodes in a graph.
public struct BuiltNetwork {
  /// What goes in, in the order of the network's inputs.
  public let inputs: [Node]
  /// What the last layer makes.
  public let output: Node
  /// The output before a softmax or sigmoid that the network ends in: what losses "from logits"
  /// take. The output itself where it ends in neither.
  public let logits: Node
  /// The softmax or sigmoid that the network ends in, or linear.
  public var outputActivation: Activation { tail.activation }
  /// The trained variables in the order of their declaration.
  public let parameters: [Node]
  /// What each layer added, in order.
  public let layers: [LayerSummary]
  /// The logits of the auxiliary classifiers, each with the weight of its loss; none in inference.
  public let auxiliaries: [(logits: Node, weight: Float)]

  let tail: OutputTail

  init(inputs: [Node], output: Node, context: BuildContext) {
    self.inputs = inputs
    self.output = output
    parameters = context.parameters
    layers = context.reports
    auxiliaries = context.auxiliaries
    tail = OutputTail(output)
    logits = tail.plainLogits(of: output)
  }

  /// What the first layer takes.
  public var input: Node { inputs[0] }

  /// The output of a layer by its path, or nil where there is none.
  public func output(of path: String) -> Node? {
    layers.first { $0.path == path }?.output
  }
}

/// In JSON `{"input": [28, 28, 1], "layers": [{"type": "Conv2D", "name": "conv1", …}, …]}`; with several
/// inputs `"inputs": [{"name": "latent", "shape": [100]}, …]` in place of `input`.
extension Network: Codable {
  private enum CodingKeys: String, CodingKey { case input, inputs, layers }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let inputs = try container.decodeIfPresent([NetworkInput].self, forKey: .inputs) {
      guard !inputs.isEmpty, Set(inputs.map(\.name)).count == inputs.count else {
        throw DecodingError.dataCorruptedError(
          forKey: .inputs, in: container, debugDescription: "expected inputs of different names")
      }
      self.inputs = inputs
    } else {
      let shape = Shape(try container.decode([Int].self, forKey: .input))
      inputs = [NetworkInput(Self.defaultInput, shape)]
    }
    layers = try container.decode([NamedLayer].self, forKey: .layers)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if inputs.count == 1, inputs[0].name == Self.defaultInput {
      try container.encode(inputShape.dimensions, forKey: .input)
    } else {
      try container.encode(inputs, forKey: .inputs)
    }
    try container.encode(layers, forKey: .layers)
  }
}
