import Graphs
import Tensors

/// Where a network is while it is being built: the graph, the path that names parameters, and
/// the account of what was added.
public struct BuildContext {
  /// The graph that receives the operations.
  public let graph: Graph
  /// Training or inference.
  public let mode: Mode
  /// Whether training mode also assigns running statistics.
  public let updatesStatistics: Bool

  /// The trained variables declared so far.
  private(set) var parameters: [Node] = []
  /// The finished layers.
  private(set) var reports: [LayerSummary] = []

  /// How many steps each example of a sequence has, [N]; nil where all have all.
  package internal(set) var lengths: Node?

  /// What the auxiliary classifiers make, each with the weight of its loss.
  private(set) var auxiliaries: [(logits: Node, weight: Float)] = []

  private var path: [String]
  private let scopeDepth: Int
  /// Nodes that stand in for parameters.
  private let values: [String: Node]
  /// The network's inputs by name.
  private let inputs: [String: Node]
  private var places: [Place] = []

  /// A layer under construction, for error messages and counts.
  private struct Place {
    let declaration: String
    let previous: String?
    let index: Int
    var parameters = 0
    var buffers = 0
    var multiplyAdds = 0
  }

  init(
    graph: Graph, mode: Mode, updatesStatistics: Bool, scope: String?, values: [String: Node] = [:],
    inputs: [String: Node] = [:]
  ) {
    self.values = values
    self.inputs = inputs
    self.graph = graph
    self.mode = mode
    self.updatesStatistics = updatesStatistics
    path = scope.map { [$0] } ?? []
    scopeDepth = path.count
  }

  // MARK: - Layers

  /// Adds layers one after the other. Their names follow the present path.
  public mutating func run(
    _ layers: [NamedLayer], on input: Node
  ) throws(NetworkError) -> Node {
    try checkNames(of: layers)
    var node = input
    for (index, named) in layers.enumerated() {
      node = try add(named, index: index, after: index > 0 ? layers[index - 1] : nil, to: node)
    }
    return node
  }

  /// Adds layers that all take the same input.
  public mutating func runEach(
    _ layers: [NamedLayer], on input: Node
  ) throws(NetworkError) -> [Node] {
    try checkNames(of: layers)
    var nodes: [Node] = []
    let lengths = lengths
    for (index, named) in layers.enumerated() {
      self.lengths = lengths
      nodes.append(try add(named, index: index, after: nil, to: input))
    }
    return nodes
  }

  private mutating func add(
    _ named: NamedLayer, index: Int, after previous: NamedLayer?, to input: Node
  ) throws(NetworkError) -> Node {
    let type = type(of: named.layer)
    path.append(named.name)
    places.append(
      Place(declaration: "\(named.layer)", previous: previous?.typeName, index: index))
    let graph = graph
    let output = try graph.withLabel(joined(path)) { () throws(NetworkError) in
      try named.layer(input, in: &self)
    }
    if let place = places.popLast(), !type.isContainer {
      reports.append(
        LayerSummary(
          path: layerPath, type: type.typeName, declaration: place.declaration, output: output,
          parameters: place.parameters, buffers: place.buffers, multiplyAdds: place.multiplyAdds))
    }
    path.removeLast()
    return output
  }

  private func checkNames(of layers: [NamedLayer]) throws(NetworkError) {
    var names: Set<String> = []
    for named in layers {
      guard !named.name.isEmpty, !named.name.contains(".") else {
        throw .network(
          "a layer \(named.typeName) is called \"\(named.name)\": expected a name without a dot")
      }
      guard names.insert(named.name).inserted else {
        throw .network(
          "two layers are called \"\(joined(path + [named.name]))\": give one another name")
      }
    }
  }

  /// Adds layers whose names follow the present path and one more component.
  public mutating func run(
    _ layers: [NamedLayer], under name: String, on input: Node
  ) throws(NetworkError) -> Node {
    path.append(name)
    let node = try run(layers, on: input)
    path.removeLast()
    return node
  }

  /// Takes the steps that examples have from the input that says so, where there is one.
  mutating func takeLengths() throws(NetworkError) {
    guard let node = inputs[NetworkInput.lengthsName] else { return }
    guard node.shape.rank == 2, node.shape[1] == 1 else {
      throw .network(
        "the input \(NetworkInput.lengthsName): expected 1 number, received \(node.shape.channelsLast)"
      )
    }
    lengths = try graphed { _ throws(GraphError) in try node.reshaped(to: [node.shape[0]]) }
  }

  // MARK: - Variables

  /// A trained variable of the present layer.
  ///
  /// - Parameters:
  ///   - name: `weight`, `bias`; the layer's path is put in front.
  ///   - fanIn: connections into one output, for the initializer.
  ///   - fanOut: connections out of one input, for the initializer.
  public mutating func parameter(
    _ name: String, _ shape: Shape, _ initializer: Initializer, fanIn: Int = 1, fanOut: Int = 1
  ) throws(NetworkError) -> Node {
    let full = joined(path + [name])
    let node = try graphed { graph throws(GraphError) in
      try graph.parameter(full, shape, initializer, fanIn: fanIn, fanOut: fanOut)
    }
    parameters.append(node)
    tally { $0.parameters = saturatingSum($0.parameters, shape.count) }
    guard let value = values[full] else { return node }
    guard value.shape == shape else {
      throw failure("the value for \(full): expected \(shape), received \(value.shape)")
    }
    return value
  }

  /// A variable of the present layer that is kept with the weights but not trained.
  public mutating func buffer(
    _ name: String, _ shape: Shape, _ initializer: Initializer
  ) throws(NetworkError) -> Node {
    let full = joined(path + [name])
    tally { $0.buffers = saturatingSum($0.buffers, shape.count) }
    return try graphed { graph throws(GraphError) in
      try graph.buffer(full, shape, initializer)
    }
  }

  /// One of the network's inputs.
  ///
  /// - Throws: where there is none of that name.
  public func input(named name: String) throws(NetworkError) -> Node {
    guard let input = inputs[name] else {
      throw failure(
        "the network has no input \(name); it has \(inputs.keys.sorted().joined(separator: ", "))")
    }
    return input
  }

  // MARK: - Operations

  /// Adds an operation with one output; what the graph refuses is reported with the layer's place.
  public func apply(
    _ operation: any Operation, _ inputs: Node...
  ) throws(NetworkError) -> Node {
    let outputs = try graphed { graph throws(GraphError) in try graph.apply(operation, inputs) }
    return outputs[0]
  }

  /// Runs graph code; an error of the graph becomes one that names the layer.
  public func graphed<Result>(
    _ body: (Graph) throws(GraphError) -> Result
  ) throws(NetworkError) -> Result {
    do { return try body(graph) } catch {
      throw failure("\(error.operation): \(error.message)")
    }
  }

  /// Adds a number for each channel (axis 1).
  public func addBias(_ bias: Node, to input: Node) throws(NetworkError) -> Node {
    try apply(BiasAdd(), input, bias)
  }

  /// Counts multiplications with an addition: `outputs` results, each of `terms` products.
  public mutating func countMultiplyAdds(outputs: Int, terms: Int) {
    let product = saturatingProduct(outputs, terms)
    tally { $0.multiplyAdds = saturatingSum($0.multiplyAdds, product) }
  }

  mutating func noteAuxiliary(_ logits: Node, weight: Float) {
    auxiliaries.append((logits, weight))
  }

  // MARK: - Parts of layers

  /// What the names of the present layer's variables begin with.
  package var variablePrefix: String { joined(path + [""]) }

  /// Takes over a variable that was declared in the graph itself.
  package mutating func adopt(_ variable: Node) {
    guard case .variable(let description) = graph.vertices[variable.id.vertex].kind else { return }
    if description.isTrainable {
      parameters.append(variable)
      tally { $0.parameters = saturatingSum($0.parameters, description.shape.count) }
    } else {
      tally { $0.buffers = saturatingSum($0.buffers, description.shape.count) }
    }
  }

  /// Reports a part of the present layer as a layer of its own.
  package mutating func note(_ part: LayerSummary) { reports.append(part) }

  // MARK: - Errors

  /// An error about the present layer: which it is, after which layer, where, and the problem.
  public func failure(_ problem: String) -> NetworkError {
    guard let place = places.last else { return .network(problem) }
    var who = place.declaration
    var index = place.index + 1
    var whereabouts = path
    if let previous = place.previous {
      // The place is that of the layer before, which decides what arrives.
      who += " after \(previous)"
      index -= 1
    }
    if places.count == 1 {
      who += " at layer \(index)"
    } else {
      whereabouts.removeFirst(min(scopeDepth, whereabouts.count))
      who += " at \(joined(whereabouts))"
    }
    return .layer(who, problem: problem)
  }

  /// An error about what arrives: "expected a flat input, received 3×3×64; add Flatten()".
  public func mismatch(expected: String, received: Node, fix: String? = nil) -> NetworkError {
    let problem = "expected \(expected), received \(received.shape.channelsLast)"
    return failure(fix.map { "\(problem); \($0)" } ?? problem)
  }

  /// Refuses a hyperparameter that is out of range.
  func require(
    _ value: Int, _ name: String, in range: ClosedRange<Int>
  ) throws(NetworkError) {
    guard range.contains(value) else {
      throw failure("\(name) \(value): expected \(range.lowerBound)…\(range.upperBound)")
    }
  }

  /// Refuses a window whose sides are out of range.
  func require(
    _ size: Size2D, _ name: String, in range: ClosedRange<Int> = Limit.window
  ) throws(NetworkError) {
    try require(size.height, name, in: range)
    try require(size.width, name, in: range)
  }

  // MARK: - Helpers

  private var layerPath: String { joined(Array(path.dropFirst(scopeDepth))) }

  private func joined(_ components: [String]) -> String { components.joined(separator: ".") }

  private mutating func tally(_ change: (inout Place) -> Void) {
    guard !places.isEmpty else { return }
    change(&places[places.count - 1])
  }
}
