/// Other names for the values of nodes that move from one graph into another.
struct Renaming {
  /// The new names of values that are known from outside.
  private var names: [String: String]
  /// Put before the names of all values that the nodes make themselves.
  private let prefix: String
  /// Whether names that are neither known nor made stay as they are: those of the outer graph.
  private let seesOutside: Bool

  init(_ names: [String: String], prefix: String, seesOutside: Bool) {
    self.names = names
    self.prefix = prefix
    self.seesOutside = seesOutside
  }

  /// The new name of a value that is read.
  func reading(_ name: String) -> String {
    if name.isEmpty { return name }
    if let known = names[name] { return known }
    return seesOutside ? name : prefix + name
  }

  /// The new name of a value that is made, which later readings get.
  mutating func making(_ name: String) -> String {
    if name.isEmpty { return name }
    if let known = names[name] { return known }
    names[name] = prefix + name
    return prefix + name
  }

  /// A node under the new names, its subgraphs' readings of outer values included.
  mutating func renamed(_ node: ProtoNode) -> ProtoNode {
    var node = node
    node.input = node.input.map(reading)
    node.output = node.output.map { making($0) }
    if !node.name.isEmpty { node.name = prefix + node.name }
    for index in node.attribute.indices where node.attribute[index].hasG {
      var inner = self
      node.attribute[index].g = inner.renamedInside(node.attribute[index].g)
    }
    return node
  }

  /// A subgraph whose readings of outer values follow; what it makes itself hides outer values of the
  /// same names.
  private mutating func renamedInside(_ graph: ProtoGraph) -> ProtoGraph {
    var graph = graph
    for name in graph.initializer.map(\.name) + graph.input.map(\.name) { names[name] = name }
    for index in graph.node.indices {
      for name in graph.node[index].output { names[name] = name }
      let title = graph.node[index].name
      graph.node[index] = renamed(graph.node[index])
      graph.node[index].name = title
    }
    for index in graph.output.indices {
      graph.output[index].name = names[graph.output[index].name] ?? graph.output[index].name
    }
    return graph
  }
}
