import Graphs
import Networks
import Tensors

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
