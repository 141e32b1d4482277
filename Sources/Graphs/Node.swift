import Tensors

/// One tensor of a graph: an output of one of its vertices.
///
/// A node is a small value. Functions and operators on nodes add further vertices to the graph.
public struct Node: Hashable {
  /// A node's place in its graph, free of the graph itself.
  public struct ID: Hashable, Sendable {
    /// The index of the vertex that computes it.
    public let vertex: Int
    /// Which output of the vertex it is.
    public let output: Int

    public init(vertex: Int, output: Int) {
      self.vertex = vertex
      self.output = output
    }
  }

  public let graph: Graph
  public let id: ID

  init(_ graph: Graph, _ id: ID) {
    self.graph = graph
    self.id = id
  }

  public var shape: Shape { graph.vertices[id.vertex].shapes[id.output] }

  /// The layer path that was current when the node was made.
  public var label: String? { graph.vertices[id.vertex].label }

  /// The name of the variable that the node is; nil where it is none.
  public var variableName: String? {
    if case .variable(let variable) = graph.vertices[id.vertex].kind { variable.name } else { nil }
  }

  public static func == (left: Node, right: Node) -> Bool {
    left.graph === right.graph && left.id == right.id
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(graph))
    hasher.combine(id)
  }
}
