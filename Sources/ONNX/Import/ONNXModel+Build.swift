import Graphs
import Networks
import Tensors

/// What an ONNX network's input is when it becomes a graph.
public enum ONNXInput: Sendable {
  /// Given anew for each run.
  case shape(Shape)
  /// Known once and for all: what decides on shapes must be.
  case value(ONNXTensor)
}

/// An ONNX network as part of a graph.
public struct ONNXGraph {
  /// What a run makes, or what is known without one.
  public enum Output {
    case node(Node)
    case known(shape: Shape, scalars: [Float])
  }

  /// One node of the file, for summaries and feature maps.
  public struct Layer {
    /// The node's name, or that of its first output.
    public let name: String
    /// The operator: `Conv`.
    public let type: String
    /// The operator with what there is to tell about it: `Conv(64, 7×7)`.
    public let declaration: String
    /// Its first output.
    public let output: Node
    /// How many numbers of weights it read first.
    public let parameters: Int
    /// How many numbers it read first that no training changes.
    public let state: Int
    /// Multiplications with an addition; those of convolutions and matrix products are counted.
    public let multiplyAdds: Int
  }

  /// The graph's inputs by the file's names.
  public let inputs: [String: Node]
  /// The outputs by the file's names.
  public let outputs: [String: Output]
  /// The values of the graph's variables, which are called as the file's initializers are.
  public let weights: [String: ONNXTensor]
  /// The graph's variables that were added, in order.
  public let variables: [Node]
  /// The nodes that compute something, in order.
  public let layers: [Layer]
}

extension ONNXModel {
  /// Adds the network to a graph. Initializers of floats become parameters of their own names; what
  /// only shapes depend on is computed at once.
  ///
  /// - Parameters:
  ///   - inputs: for each input its shape, or its value where shapes depend on it.
  ///   - outputs: the outputs that are wanted, all where nil; only what they need is added.
  /// - Throws: ``ONNXError/unsupported(_:)`` with the operators that are not known and their nodes;
  ///   ``ONNXError/needsValue(ofInput:)`` where the value of an input must be given.
  public func build(
    on graph: Graph, inputs: [String: ONNXInput], outputs wanted: [String]? = nil
  ) throws(ONNXError) -> ONNXGraph {
    let context = ImportContext(graph)
    var values: [String: Value] = [:]
    for input in self.inputs {
      context.place = "the input \(input.name)"
      switch inputs[input.name] {
      case .shape(let shape):
        try context.requireSize(shape)
        guard input.accepts(shape) else {
          throw .mismatch("\(context.place) takes \(input.shapeText), not \(shape)")
        }
        if shape.count == 0 {
          values[input.name] = context.empty(shape, input.element)
          continue
        }
        let node = try context.graphed { (graph) throws(GraphError) in
          try graph.input(input.name, shape)
        }
        values[input.name] = Value(node, input.element)
      case .value(let tensor):
        guard tensor.element == input.element else {
          throw .mismatch("\(context.place) takes \(input.element), not \(tensor.element)")
        }
        values[input.name] = Value(tensor.elements, tensor.shape, tensor.element)
      case nil: continue
      }
    }
    return try build(in: context, given: values, outputs: wanted ?? outputs.map(\.name))
  }

  /// Adds the part of the network that makes one output as part of a layer, on nodes that stand for
  /// its inputs.
  func build(
    in layer: BuildContext, given: [String: Node], output: String
  ) throws(ONNXError) -> ONNXGraph {
    var values: [String: Value] = [:]
    var newBatch: (own: Int, built: Int)?
    for port in inputs {
      guard let node = given[port.name] else { continue }
      guard port.accepts(node.shape, anyBatch: true) else {
        throw .mismatch("the input \(port.name) takes \(port.shapeText), not \(node.shape)")
      }
      if let own = port.fixedBatch, own != node.shape[0] { newBatch = (own, node.shape[0]) }
      values[port.name] = Value(node, port.element)
    }
    let context = ImportContext(
      layer.graph, variablePrefix: layer.variablePrefix, newBatch: newBatch, mode: layer.mode,
      updatesStatistics: layer.updatesStatistics)
    return try build(in: context, given: values, outputs: [output])
  }

  private func build(
    in context: ImportContext, given: [String: Value], outputs wanted: [String]
  ) throws(ONNXError) -> ONNXGraph {
    let needed = try neededNodes(for: wanted)
    var values = given
    for (name, tensor) in initializers { values[name] = Value(tensor) }
    context.makeRoom(for: heldCount)
    var layers: [ONNXGraph.Layer] = []
    try add(needed.map { nodes[$0] }, to: &values, &layers, context)
    var inputNodes: [String: Node] = [:]
    for (name, value) in given {
      if case .node(let node) = value.content { inputNodes[name] = node }
    }
    var made: [String: ONNXGraph.Output] = [:]
    for name in wanted {
      guard let value = values[name] else { throw .mismatch("the input \(name) is not given") }
      context.place = "the output \(name)"
      if let elements = value.elements {
        made[name] = .known(shape: value.shape, scalars: elements.doubles.map(Float.init))
      } else {
        made[name] = .node(try context.node(value))
      }
    }
    return ONNXGraph(
      inputs: inputNodes, outputs: made, weights: context.weights, variables: context.variables,
      layers: layers)
  }

  /// Adds nodes, each after those that it reads.
  private func add(
    _ nodes: [ProtoNode], to values: inout [String: Value], _ layers: inout [ONNXGraph.Layer],
    _ context: ImportContext
  ) throws(ONNXError) {
    for node in nodes {
      context.place = node.title
      let before = context.variables.count
      let inputs = try node.input.map { (name) throws(ONNXError) -> Value? in
        if name.isEmpty { return nil }
        guard let value = values[name] else {
          throw .mismatch("the input \(name) is not given, which \(node.title) needs")
        }
        return value
      }
      let isBranching = node.opType == "If" && node.isStandard
      let results =
        isBranching
        ? try addBranches(of: node, inputs, values, &layers, context)
        : try add(node, inputs, context)
      for (name, value) in zip(node.output, results) where !name.isEmpty {
        if value.folded != nil { try context.take(value.shape.count) }
        values[name] = value
      }
      guard !isBranching, let first = results.first, case .node(let output) = first.content else {
        continue
      }
      layers.append(
        ONNXGraph.Layer(node, inputs, output, variables: context.variables[before...]))
    }
  }

  /// One node's outputs.
  private func add(
    _ node: ProtoNode, _ inputs: [Value?], _ context: ImportContext
  ) throws(ONNXError) -> [Value] {
    guard node.isStandard, let operation = OperatorTable.operators[node.opType] else {
      throw .unsupported("the operator \(node.title)")
    }
    let node = try NodeImport(node, inputs: inputs, opset: opset, context: context)
    let results = try context.graph.withLabel(context.place) { () throws(ONNXError) in
      try operation.add(node)
    }
    try node.requireAllAsked()
    guard results.count >= node.outputCount else {
      throw context.unsupported("\(node.outputCount) outputs")
    }
    return results
  }

  /// What an `If` makes: its branch where the condition is known, else what it takes from the one or the
  /// other, which both are computed.
  private func addBranches(
    of node: ProtoNode, _ inputs: [Value?], _ values: [String: Value],
    _ layers: inout [ONNXGraph.Layer], _ context: ImportContext
  ) throws(ONNXError) -> [Value] {
    guard let condition = inputs.first ?? nil, condition.shape.count == 1,
      node.branch(true) != nil, node.branch(false) != nil
    else { throw context.invalid("expected a condition of one truth value and two branches") }
    func outputs(_ holds: Bool) throws(ONNXError) -> [Value] {
      guard let branch = node.branch(holds) else { return [] }
      var inner = values
      let given = Set(branch.node.flatMap(\.reads)).subtracting(branch.node.flatMap(\.output))
      try add(branch.node.ordered(given: given), to: &inner, &layers, context)
      context.place = node.title
      guard branch.output.count >= node.output.count else {
        throw context.invalid("a branch has fewer outputs than the node")
      }
      return try branch.output.map { (output) throws(ONNXError) in
        guard let value = inner[output.name] else {
          throw context.invalid("nothing makes \(output.name)")
        }
        return value
      }
    }
    if let known = condition.elements?.doubles[0] { return try outputs(known != 0) }
    let flag = try context.reshape(condition, to: [])
    let (first, second) = (try outputs(true), try outputs(false))
    return try zip(first, second).map { (pair) throws(ONNXError) in
      guard pair.0.shape == pair.1.shape else {
        throw context.unsupported(
          "branches of \(pair.0.shape) and \(pair.1.shape) on a condition that is not known before")
      }
      return try context.select(flag, pair.0, pair.1)
    }
  }

  /// The places of the nodes on which outputs depend, in order.
  ///
  /// - Throws: all operators among them that are not known.
  private func neededNodes(for outputs: [String]) throws(ONNXError) -> [Int] {
    var names = Set(outputs)
    var needed: [Int] = []
    for index in nodes.indices.reversed() where nodes[index].output.contains(where: names.contains)
    {
      needed.append(index)
      names.formUnion(nodes[index].reads)
    }
    needed.reverse()
    var unknown: [String: [String]] = [:]
    for node in needed.map({ nodes[$0] }) {
      let isKnown = node.opType == "If" || OperatorTable.operators[node.opType] != nil
      if !node.isStandard || !isKnown {
        let name = node.isStandard ? node.opType : "\(node.domain).\(node.opType)"
        unknown[name, default: []].append(node.name.isEmpty ? node.output.first ?? "" : node.name)
      }
    }
    guard unknown.isEmpty else {
      let list = unknown.sorted { $0.key < $1.key }.map { name, places in
        "\(name) (\(places[0])\(places.count > 1 ? " and \(places.count - 1) more" : ""))"
      }
      throw .unsupported(
        "the operator\(list.count == 1 ? "" : "s") \(list.joined(separator: ", "))")
    }
    return needed
  }
}

extension ONNXGraph.Layer {
  /// - Parameter variables: those that the node was the first to read.
  fileprivate init(
    _ node: ProtoNode, _ inputs: [Value?], _ output: Node, variables: ArraySlice<Node>
  ) {
    name = node.name.isEmpty ? node.output.first ?? "" : node.name
    type = node.opType
    self.output = output
    var (trained, kept) = (0, 0)
    for case .variable(let variable) in variables.map({ output.graph.vertices[$0.id.vertex].kind })
    {
      if variable.isTrainable {
        trained += variable.shape.count
      } else {
        kept += variable.shape.count
      }
    }
    (parameters, state) = (trained, kept)
    guard let x = inputs.first??.shape, inputs.count > 1, let weight = inputs[1]?.shape,
      ["Conv", "ConvTranspose", "Gemm", "MatMul"].contains(node.opType)
    else {
      declaration = node.opType
      multiplyAdds = 0
      return
    }
    if node.opType.hasPrefix("Conv") {
      let window = weight.dimensions[2...].map(String.init).joined(separator: "×")
      let groups = node.attribute.first { $0.name == "group" }.map { Int($0.i) } ?? 1
      let grouping = groups > 1 ? ", \(groups) groups" : ""
      declaration = "\(node.opType)(\(output.shape[1]), \(window)\(grouping))"
      // Each place of the one side meets the window once for each channel of the group.
      let places = node.opType == "Conv" ? output.shape.count : x.count
      multiplyAdds = places * weight.dimensions[1...].reduce(1, *)
    } else {
      let last = output.shape.dimensions.last ?? 1
      declaration = "\(node.opType)(\(last))"
      multiplyAdds = output.shape.count * (weight.count / max(last, 1))
    }
  }
}

extension ONNXModel.Port {
  /// Whether a tensor of that shape may be given.
  ///
  /// - Parameter anyBatch: whether the first extent stands for any batch.
  func accepts(_ shape: Shape, anyBatch: Bool = false) -> Bool {
    guard let dimensions else { return true }
    guard dimensions.count == shape.rank else { return false }
    return dimensions.indices.allSatisfy { axis in
      guard case .fixed(let extent) = dimensions[axis] else { return true }
      return extent == shape[axis] || anyBatch && axis == 0 && shape.rank > 1
    }
  }

  /// "N×3×224×224".
  public var shapeText: String {
    guard let dimensions else { return "any shape" }
    if dimensions.isEmpty { return "scalar" }
    return dimensions.map { dimension in
      switch dimension {
      case .fixed(let extent): "\(extent)"
      case .free(let name): name.isEmpty ? "?" : name
      }
    }.joined(separator: "×")
  }
}
