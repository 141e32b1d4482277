import Tensors

/// A static computation: inputs, variables, constants and operations on them, each made after
/// what it needs. Shapes are fixed, the batch included.
///
///     let graph = Graph()
///     let x = try graph.input("x", [64, 784])
///     let weight = try graph.parameter("weight", [10, 784], .heNormal, fanIn: 784)
///     let logits = try x.applying(MatrixMultiply(transposeRight: true), weight)
///     let loss = try logits.map(.square).mean()
///     let gradient = try graph.gradients(of: loss, withRespectTo: [weight])[0]
///     try graph.assign(weight, weight - 0.1 * gradient)
///
/// Building a graph computes nothing; a plan of the engine does. All mistakes of shape are found
/// here. An equal operation on the same inputs is the same vertex, unless it is random.
public final class Graph {
  /// One step of the computation.
  public struct Vertex {
    public enum Kind {
      /// Given anew for each run.
      case input(String)
      /// Kept from run to run.
      case variable(Variable)
      case constant(Tensor)
      case operation(any Operation)
    }

    public let kind: Kind
    /// The tensors that an operation reads; all belong to earlier vertices.
    public let inputs: [Node.ID]
    /// The shapes of its outputs; inputs, variables and constants have one.
    public let shapes: [Shape]
    /// The layer path, for errors, profiles and reports.
    public let label: String?
    /// What a random operation's stream of numbers is called: its layer path, and its number among
    /// those of that path. Other operations, wherever they are added, do not change it. Empty where
    /// the operation is not random.
    public let stream: String
  }

  /// A new value that a variable takes at the end of each run.
  public struct Assignment: Hashable, Sendable {
    public let variable: Node.ID
    public let value: Node.ID
  }

  /// All vertices, each after its inputs.
  public private(set) var vertices: [Vertex] = []
  /// The parameters and states in the order in which they were declared.
  public private(set) var variables: [Variable] = []
  /// What runs change, in the order of the calls to `assign`.
  public private(set) var assignments: [Assignment] = []
  /// The layer path given to vertices made from now on.
  public private(set) var label: String?

  private struct Application: Hashable {
    let operation: AnyHashable
    let inputs: [Node.ID]
  }

  private var inputNodes: [String: Node.ID] = [:]
  private var variableNodes: [String: Node.ID] = [:]
  private var applications: [Application: Int] = [:]
  private var scalars: [UInt32: Node.ID] = [:]
  /// How many random operations each layer path has.
  private var randomCounts: [String: Int] = [:]

  public init() {}

  /// The node at a place.
  ///
  /// - Precondition: `id` came from a node of this graph.
  public func node(_ id: Node.ID) -> Node { Node(self, id) }

  // MARK: - Leaves

  /// A tensor that each run is given. A name asked for twice is the same input.
  ///
  /// - Throws: where the shape is unusable or differs from the first one of that name.
  public func input(_ name: String, _ shape: Shape) throws(GraphError) -> Node {
    if let known = inputNodes[name] {
      try expect(shape, sameAs: node(known).shape, of: "input \(name)")
      return node(known)
    }
    try expectUsable(shape, "input \(name)")
    let id = append(.input(name), [], [shape])
    inputNodes[name] = id
    return node(id)
  }

  /// A variable that an optimizer trains. A name asked for twice is the same variable, so that a
  /// network built twice shares its weights.
  ///
  /// - Parameters:
  ///   - fanIn: connections into one output, for the initializer.
  ///   - fanOut: connections out of one input, for the initializer.
  /// - Throws: where the shape is unusable or differs from the first one of that name.
  public func parameter(
    _ name: String, _ shape: Shape, _ initializer: Initializer, fanIn: Int = 1, fanOut: Int = 1
  ) throws(GraphError) -> Node {
    try variable(
      Variable(
        name: name, shape: shape, isTrainable: true, initializer: initializer, fanIn: fanIn,
        fanOut: fanOut))
  }

  /// A variable that only assignments change, such as a running mean or an optimizer's moment.
  ///
  /// - Throws: where the shape is unusable or differs from the first one of that name.
  public func buffer(
    _ name: String, _ shape: Shape, _ initializer: Initializer
  ) throws(GraphError) -> Node {
    try variable(
      Variable(
        name: name, shape: shape, isTrainable: false, initializer: initializer, fanIn: 1, fanOut: 1)
    )
  }

  private func variable(_ variable: Variable) throws(GraphError) -> Node {
    if let known = variableNodes[variable.name] {
      guard case .variable(let first) = vertices[known.vertex].kind,
        first.isTrainable == variable.isTrainable
      else {
        throw failure("variable \(variable.name)", "declared both as parameter and as state")
      }
      try expect(variable.shape, sameAs: first.shape, of: "variable \(variable.name)")
      return node(known)
    }
    try expectUsable(variable.shape, "variable \(variable.name)")
    let id = append(.variable(variable), [], [variable.shape])
    variableNodes[variable.name] = id
    variables.append(variable)
    return node(id)
  }

  /// The node of a declared variable.
  public func variable(named name: String) -> Node? {
    variableNodes[name].map(node)
  }

  /// A tensor that never changes.
  public func constant(_ tensor: Tensor) -> Node {
    node(append(.constant(tensor), [], [tensor.shape]))
  }

  /// A number that never changes, as a tensor without axes.
  public func constant(_ value: Float) -> Node {
    if let known = scalars[value.bitPattern] { return node(known) }
    let id = append(.constant(.scalar(value)), [], [[]])
    scalars[value.bitPattern] = id
    return node(id)
  }

  // MARK: - Operations

  /// The outputs of an operation on nodes of this graph.
  ///
  /// - Throws: what was expected and what was received, with the current label.
  public func apply(
    _ operation: any Operation, _ inputs: [Node]
  ) throws(GraphError) -> [Node] {
    guard inputs.allSatisfy({ $0.graph === self }) else {
      throw failure(operation.name, "expected nodes of one graph, received nodes of two")
    }
    let ids = inputs.map(\.id)
    let application = Application(operation: AnyHashable(operation), inputs: ids)
    if let known = applications[application] { return outputs(of: known) }

    let shapes: [Shape]
    do {
      for input in inputs { try expectUsable(input.shape, operation.name) }
      shapes = try operation.outputShapes(inputs.map(\.shape))
      for shape in shapes { try expectUsable(shape, operation.name) }
    } catch {
      throw GraphError(
        label: error.label ?? label, operation: error.operation, message: error.message)
    }
    let vertex = append(.operation(operation), ids, shapes).vertex
    if !operation.isRandom { applications[application] = vertex }
    return outputs(of: vertex)
  }

  /// The first output of an operation on nodes of this graph.
  public func apply(_ operation: any Operation, _ inputs: Node...) throws(GraphError) -> Node {
    try apply(operation, inputs)[0]
  }

  /// Lets a variable take a value at the end of each run. Within the run it keeps its old one.
  ///
  /// - Throws: where `variable` is none, is assigned already, or the shapes differ.
  public func assign(_ variable: Node, _ value: Node) throws(GraphError) {
    guard variable.graph === self, value.graph === self,
      case .variable(let target) = vertices[variable.id.vertex].kind
    else { throw failure("assign", "expected a variable of this graph") }
    try expect(value.shape, sameAs: target.shape, of: "value for \(target.name)")
    guard !assignments.contains(where: { $0.variable == variable.id }) else {
      throw failure("assign", "expected one value for \(target.name), received two")
    }
    assignments.append(Assignment(variable: variable.id, value: value.id))
  }

  // MARK: - Labels

  /// Runs `body` with a layer path that all vertices made in it carry.
  public func withLabel<Result, Failure: Error>(
    _ path: String?, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = label
    label = path
    defer { label = outer }
    return try body()
  }

  // MARK: - Private

  func outputs(of vertex: Int) -> [Node] {
    vertices[vertex].shapes.indices.map { Node(self, Node.ID(vertex: vertex, output: $0)) }
  }

  private func append(
    _ kind: Vertex.Kind, _ inputs: [Node.ID], _ shapes: [Shape]
  ) -> Node.ID {
    vertices.append(
      Vertex(
        kind: kind, inputs: inputs, shapes: shapes, label: label, stream: streamName(of: kind)))
    return Node.ID(vertex: vertices.count - 1, output: 0)
  }

  private func streamName(of kind: Vertex.Kind) -> String {
    guard case .operation(let operation) = kind, operation.isRandom else { return "" }
    let path = label ?? ""
    randomCounts[path, default: 0] += 1
    return "\(path)#\(randomCounts[path, default: 0])"
  }

  func failure(_ operation: String, _ message: String) -> GraphError {
    GraphError(label: label, operation: operation, message: message)
  }

  private func expectUsable(_ shape: Shape, _ what: String) throws(GraphError) {
    guard shape.isUsable else {
      throw failure(
        what,
        "expected extents from 1 to 2³¹−1 and at most 2⁴⁰ elements, received \(shape)")
    }
  }

  private func expect(
    _ shape: Shape, sameAs first: Shape, of what: String
  ) throws(GraphError) {
    guard shape == first else { throw failure(what, "expected \(first), received \(shape)") }
  }
}
