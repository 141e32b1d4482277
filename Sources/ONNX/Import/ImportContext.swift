import Graphs
import Networks
import Tensors

/// The graph that an ONNX network becomes, while it does: turns values into nodes and wraps what the
/// graph refuses.
final class ImportContext {
  let graph: Graph
  /// Weights that the graph reads, under the names of its variables.
  private(set) var weights: [String: ONNXTensor] = [:]
  private var nodes: [String: Node] = [:]
  /// The variables that were declared, in order.
  private(set) var variables: [Node] = []
  /// What is being imported, for errors.
  var place = ""
  /// Put before the names of variables.
  private let variablePrefix: String
  /// The batch that a file was made for, and the other one that it is built for.
  let newBatch: (own: Int, built: Int)?
  /// Whether the network is being trained.
  let mode: Mode
  /// Whether training also assigns running statistics.
  let updatesStatistics: Bool

  /// The most elements of one value that are computed while the graph is built.
  var maxFoldedElements = usualMaxFoldedElements
  static let usualMaxFoldedElements = 1 << 20

  /// How many more elements of all values together may be kept while the graph is built: a few
  /// bytes can ask for any number of them, of constants that they name again and again.
  private var room = 1 << 26

  /// The most operations: a node can stand for thousands of them, of which a window has one a cell.
  private static let mostOperations = 1 << 16

  init(
    _ graph: Graph, variablePrefix: String = "", newBatch: (own: Int, built: Int)? = nil,
    mode: Mode = .inference,
    updatesStatistics: Bool = false
  ) {
    self.graph = graph
    self.mode = mode
    self.updatesStatistics = updatesStatistics
    self.variablePrefix = variablePrefix
    self.newBatch = newBatch
  }

  // MARK: - Nodes

  /// The node of a value. Weights become parameters.
  ///
  /// - Parameter isTrainable: whether a weight is one that training would change; the statistics of a
  ///   batch normalization are not.
  func node(_ value: Value, isTrainable: Bool = true) throws(ONNXError) -> Node {
    switch value.content {
    case .node(let node): return node
    case .known(let elements):
      guard value.shape.count > 0 else { throw unsupported("a tensor without elements") }
      if value.shape.rank == 0 { return graph.constant(Float(elements.doubles[0])) }
      return try constant(value.shape) { elements.doubles.map(Float.init) }
    case .weight(let tensor):
      if let known = nodes[tensor.name] { return known }
      let name = variablePrefix + tensor.name
      let node = try graphed { (graph) throws(GraphError) in
        isTrainable
          ? try graph.parameter(name, tensor.shape, .zeros)
          : try graph.buffer(name, tensor.shape, .zeros)
      }
      nodes[tensor.name] = node
      variables.append(node)
      weights[name] = tensor
      return node
    }
  }

  /// A constant of the shape; its elements are asked for when there is room for them.
  func constant(_ shape: Shape, _ elements: () -> [Float]) throws(ONNXError) -> Node {
    try take(shape.count)
    return graph.constant(Tensor(shape, elements()))
  }

  /// An operation with one output.
  func apply(_ operation: any Operation, _ inputs: Node...) throws(ONNXError) -> Node {
    try apply(operation, inputs)[0]
  }

  func apply(_ operation: any Operation, _ inputs: [Node]) throws(ONNXError) -> [Node] {
    guard graph.vertices.count < Self.mostOperations else {
      throw unsupported("a network of more than \(Self.mostOperations) operations")
    }
    let outputs = try graphed { (graph) throws(GraphError) in try graph.apply(operation, inputs) }
    for output in outputs { try requireSize(output.shape) }
    return outputs
  }

  /// Runs graph code; what the graph refuses is reported with the place.
  func graphed<Result>(
    _ body: (Graph) throws(GraphError) -> Result
  ) throws(ONNXError) -> Result {
    do { return try body(graph) } catch {
      throw .mismatch("\(place): \(error.operation): \(error.message)")
    }
  }

  // MARK: - Room

  /// Counts elements that are kept from now on.
  func take(_ count: Int) throws(ONNXError) {
    room -= count
    if room < 0 { throw unsupported("too many constant-folded elements") }
  }

  /// Counts elements that the file itself holds: they may be kept as they are, as other numbers,
  /// moved and as part of the graph.
  func makeRoom(for count: Int) { room += 4 * count }

  // MARK: - Errors

  func unsupported(_ what: String) -> ONNXError { .unsupported("\(what), in \(place)") }

  func invalid(_ what: String) -> ONNXError { .invalid("\(place): \(what)") }

  /// Checks that a tensor could be held, so that products of its extents do not overflow, either.
  func requireSize(_ shape: Shape) throws(ONNXError) {
    guard shape.isWithinSizeLimit, shape.rank <= ONNXTensor.mostAxes else {
      throw unsupported("a tensor of \(shape)")
    }
  }

  /// Checks that there is something to compute with.
  func requireElements(_ x: Value) throws(ONNXError) {
    if x.shape.count == 0 { throw unsupported("a tensor without elements") }
  }

  func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(ONNXError) {
    if !condition { throw invalid(what()) }
  }
}

extension Shape {
  /// The most elements of a tensor: 2 GiB of floats. More is a mistake, or an attack.
  private static let mostElements = 1 << 29

  /// Whether a tensor could be held, also were its empty axes not empty.
  var isWithinSizeLimit: Bool {
    Shape(dimensions.map { max($0, 1) }).count <= Self.mostElements
      && dimensions.allSatisfy { $0 >= 0 }
  }
}
