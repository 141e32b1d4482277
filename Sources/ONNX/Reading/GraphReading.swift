import Graphs
import Tensors

/// A file's nodes and weights, made uniform: functions are replaced by their bodies, weights are
/// initializers wherever the file keeps them, what is known without any input is computed, and of
/// conditions that are known only the branch that is taken is left.
struct GraphReading {
  /// In an order in which they can be computed.
  private(set) var nodes: [ProtoNode] = []
  private(set) var initializers: [String: ONNXTensor] = [:]
  /// How many elements the file itself holds.
  private(set) var heldCount = 0
  private let opset: Int
  /// Values of which nodes are computed here.
  private var known: [String: Value] = [:]
  private let context = ImportContext(Graph())

  /// - Parameter given: the names of the inputs.
  init(
    _ graph: ProtoGraph, functions: [ProtoFunction], opset: Int, given: Set<String>
  ) throws(ONNXError) {
    self.opset = opset
    var inlining = FunctionInlining(functions, opset: opset)
    let flat = try inlining.inlined(graph.node)
    let made = Set(flat.flatMap(\.output))
    for tensor in graph.initializer where !made.contains(tensor.name) {
      try keepHeld(ONNXTensor(tensor))
    }
    var hoisted: [ProtoNode] = []
    for node in flat { hoisted.append(try hoistingWeights(of: node)) }
    let outputs = Set(graph.output.map(\.name))
    try compute(hoisted.ordered(given: given.union(initializers.keys)), keeping: outputs)
    let read = nodes.reduce(into: outputs) { $0.formUnion($1.reads) }
    initializers = initializers.filter { read.contains($0.key) }
  }

  private mutating func keep(_ tensor: ONNXTensor) throws(ONNXError) {
    guard initializers.updateValue(tensor, forKey: tensor.name) == nil else {
      throw .invalid("two initializers are called \(tensor.name)")
    }
  }

  /// Keeps a tensor that the file itself holds: what is computed may be some times as large.
  private mutating func keepHeld(_ tensor: ONNXTensor) throws(ONNXError) {
    try keep(tensor)
    makeRoom(for: tensor)
  }

  private mutating func makeRoom(for tensor: ONNXTensor) {
    heldCount += tensor.shape.count
    context.makeRoom(for: tensor.shape.count)
  }

  // MARK: - Branches

  /// A node whose subgraphs hold no weights of their own, and whose values have names that no others
  /// have.
  private mutating func hoistingWeights(of node: ProtoNode) throws(ONNXError) -> ProtoNode {
    var node = node
    for index in node.attribute.indices where node.attribute[index].hasG {
      var graph = node.attribute[index].g
      let prefix =
        "\(node.output.first { !$0.isEmpty } ?? node.name)/\(node.attribute[index].name)/"
      var renaming = Renaming([:], prefix: prefix, seesOutside: true)
      for tensor in graph.initializer {
        try keepHeld(ONNXTensor(tensor).called(renaming.making(tensor.name)))
      }
      graph.initializer = []
      for inner in graph.node { for name in inner.output { _ = renaming.making(name) } }
      var inner: [ProtoNode] = []
      for node in graph.node { inner.append(try hoistingWeights(of: renaming.renamed(node))) }
      graph.node = inner
      for output in graph.output.indices {
        graph.output[output].name = renaming.reading(graph.output[output].name)
      }
      node.attribute[index].g = graph
    }
    return node
  }

  /// The nodes of the branch that is taken, which make the outputs of the `If` itself; nil where its
  /// condition is not known.
  private func taken(_ node: ProtoNode) throws(ONNXError) -> [ProtoNode]? {
    guard node.opType == "If", node.isStandard, let condition = node.input.first,
      let holds = try value(condition)?.elements?.doubles.first,
      let branch = node.branch(holds != 0)
    else { return nil }
    let given = Set(branch.node.flatMap(\.reads)).subtracting(branch.node.flatMap(\.output))
    return try branch.node.ordered(given: given)
      + zip(branch.output, node.output).map { inner, outer in
        ProtoNode(type: "Identity", [inner.name], [outer])
      }
  }

  // MARK: - What is known

  /// Operators that are computed where all that they read is known: those that writers put between a
  /// weight and the layer that reads it.
  private static let computed: Set = [
    "Add", "Cast", "Concat", "ConstantOfShape", "DequantizeLinear", "Div", "Expand", "Flatten",
    "Gather", "Identity", "Mul", "Neg", "QuantizeLinear", "Reciprocal", "Reshape", "Slice", "Sqrt",
    "Squeeze", "Sub", "Transpose", "Unsqueeze",
  ]

  /// - Parameter outputs: values that only nodes may make.
  private mutating func compute(
    _ ordered: [ProtoNode], keeping outputs: Set<String>
  ) throws(ONNXError) {
    var waiting = Array(ordered.reversed())
    while let node = waiting.popLast() {
      if let branch = try taken(node) {
        waiting += branch.reversed()
        continue
      }
      guard node.isStandard, node.output.count == 1, let output = node.output.first,
        !outputs.contains(output)
      else {
        nodes.append(node)
        continue
      }
      if let weight = try weight(of: node, output) {
        try keep(weight)
      } else {
        nodes.append(node)
      }
    }
  }

  /// What a node makes as an initializer; nil where it stays a node.
  private mutating func weight(
    of node: ProtoNode, _ output: String
  ) throws(ONNXError) -> ONNXTensor? {
    if node.opType == "Constant", node.attribute.count == 1, node.attribute[0].name == "value",
      node.attribute[0].hasT
    {
      let tensor = try ONNXTensor(node.attribute[0].t).called(output)
      makeRoom(for: tensor)
      return tensor
    }
    // PyTorch writes equal vectors once and names the others so. Were they one, training could not
    // tell the shift of one normalization from the mean of another.
    if node.opType == "Identity", let source = node.input.first, let held = initializers[source] {
      return held.shape.rank == 1 ? held.called(output) : nil
    }
    guard node.opType == "Constant" || Self.computed.contains(node.opType),
      node.input.allSatisfy({ $0.isEmpty || known[$0] != nil || initializers[$0] != nil })
    else { return nil }
    context.place = node.title
    // What is wrong with the node is said where the network is built, by whoever needs it.
    guard let inputs = try? node.input.map(value),
      let operation = OperatorTable.operators[node.opType],
      let imported = try? NodeImport(node, inputs: inputs, opset: opset, context: context)
    else { return nil }
    context.maxFoldedElements = inputs.reduce(ImportContext.usualMaxFoldedElements) {
      max($0, $1?.shape.count ?? 0)
    }
    guard let result = try? operation.add(imported).first,
      (try? imported.requireAllAsked()) != nil
    else { return nil }
    let isWeight = result.element.isFloat && result.shape.count > 1
    if isWeight, let number = uniform(result, of: node) {
      return ONNXTensor(name: output, element: result.element, result.shape, repeating: number)
    }
    guard let elements = result.folded, (try? context.take(result.shape.count)) != nil else {
      return nil
    }
    guard isWeight else {
      known[output] = result
      return nil
    }
    return ONNXTensor(
      name: output, element: result.element,
      Tensor(result.shape, elements.doubles.map(Float.init)))
  }

  /// A value that is known before anything is given; nil where there is none.
  private func value(_ name: String) throws(ONNXError) -> Value? {
    if name.isEmpty { return nil }
    if let value = known[name] { return value }
    guard let tensor = initializers[name] else { return nil }
    // A few bytes can say of any number of elements that they are equal.
    if let number = tensor.uniformValue {
      let value = Value(context.graph.constant(Float(number)), tensor.element)
      return try context.broadcast(value, to: tensor.shape)
    }
    return Value(tensor.elements, tensor.shape, tensor.element)
  }

  /// The number that a value is everywhere, where that is seen.
  private func uniform(_ value: Value, of node: ProtoNode) -> Double? {
    guard case .node(var made) = value.content else {
      return node.opType == "ConstantOfShape" ? value.folded?.doubles.first : nil
    }
    while true {
      let vertex = made.graph.vertices[made.id.vertex]
      switch vertex.kind {
      case .constant(let tensor): return tensor.count == 1 ? Double(tensor.scalars[0]) : nil
      case .operation(let operation)
      where operation is Broadcast || operation is Reshape || operation is Transpose
        || operation is Slice:
        made = made.graph.node(vertex.inputs[0])
      default: return nil
      }
    }
  }
}

extension ProtoNode {
  /// Whether it is one of ONNX's own operators.
  var isStandard: Bool { domain.isEmpty || domain == "ai.onnx" }

  /// The subgraph of an `If`.
  func branch(_ holds: Bool) -> ProtoGraph? {
    attribute.first { $0.name == (holds ? "then_branch" : "else_branch") && $0.hasG }?.g
  }
}
