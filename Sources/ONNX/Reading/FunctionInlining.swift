/// Replaces nodes that stand for others by these: a file's own functions (ONNX IR, "Functions") by their
/// bodies, operators on quantized numbers by operators on numbers between a dequantization and a
/// quantization.
struct FunctionInlining {
  private struct Key: Hashable {
    let domain, name, overload: String
  }

  private let functions: [Key: ProtoFunction]
  private let opset: Int
  /// How many nodes were made: functions of functions can ask for any number.
  private var count = 0

  private static let mostNodes = 1 << 16
  private static let deepest = 32

  /// - Parameter opset: of the model's nodes.
  init(_ functions: [ProtoFunction], opset: Int) {
    self.functions = Dictionary(
      functions.map { (Key(domain: $0.domain, name: $0.name, overload: $0.overload), $0) },
      uniquingKeysWith: { first, _ in first })
    self.opset = opset
  }

  /// The nodes with all that stand for others replaced, those of subgraphs, too.
  mutating func inlined(_ nodes: [ProtoNode], depth: Int = 0) throws(ONNXError) -> [ProtoNode] {
    guard depth < Self.deepest else {
      throw .invalid("its functions are nested too deeply, or call themselves")
    }
    var result: [ProtoNode] = []
    for node in nodes {
      count += 1
      guard count <= Self.mostNodes else {
        throw .unsupported("a network of more than \(Self.mostNodes) nodes")
      }
      let key = Key(domain: node.domain, name: node.opType, overload: node.overload)
      if let function = functions[key] {
        result += try inlined(try body(of: function, for: node, depth), depth: depth + 1)
      } else if let expanded = QuantizedOperators.expanded(node) {
        result += try inlined(expanded, depth: depth + 1)
      } else {
        var node = node
        for index in node.attribute.indices where node.attribute[index].hasG {
          node.attribute[index].g.node = try inlined(
            node.attribute[index].g.node, depth: depth + 1)
        }
        result.append(node)
      }
    }
    return result
  }

  /// A function's nodes with the values and attributes of the node that stands for it.
  private func body(
    of function: ProtoFunction, for node: ProtoNode, _ depth: Int
  ) throws(ONNXError) -> [ProtoNode] {
    let versions = function.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    if let version = versions.map(\.version).max(), version != opset {
      throw .unsupported(
        "\(node.title) is a function of opset \(version) in a network of opset \(opset)")
    }
    guard node.input.count <= function.input.count, node.output.count <= function.output.count
    else {
      throw .invalid("\(node.title) has more inputs or outputs than its function")
    }
    // Nobody else's values begin so: names of outputs are unique, but for functions within this one.
    let slashes = String(repeating: "/", count: depth + 1)
    let prefix = (node.output.first { !$0.isEmpty } ?? node.name) + slashes
    var names: [String: String] = [:]
    for (index, name) in function.input.enumerated() {
      names[name] = index < node.input.count ? node.input[index] : ""
    }
    // An output may be an input as it is: then something has to give it its new name.
    var passed: [ProtoNode] = []
    for (name, output) in zip(function.output, node.output) where !output.isEmpty {
      if let known = names[name] {
        passed.append(ProtoNode(type: "Identity", [known], [output]))
      } else {
        names[name] = output
      }
    }
    var given: [String: ProtoAttribute] = [:]
    for attribute in function.attributeProto + node.attribute { given[attribute.name] = attribute }
    var renaming = Renaming(names, prefix: prefix, seesOutside: false)
    return function.node.map { renaming.renamed(Self.attributed($0, given)) } + passed
  }

  /// A node whose references to the function's attributes are what these are, or left out.
  private static func attributed(
    _ node: ProtoNode, _ given: [String: ProtoAttribute]
  ) -> ProtoNode {
    var node = node
    node.attribute = node.attribute.compactMap { attribute in
      var attribute = attribute
      if !attribute.refAttrName.isEmpty {
        guard var value = given[attribute.refAttrName] else { return nil }
        value.name = attribute.name
        return value
      }
      if attribute.hasG {
        attribute.g.node = attribute.g.node.map { attributed($0, given) }
      }
      return attribute
    }
    return node
  }
}

extension ProtoNode {
  init(
    type: String, _ inputs: [String], _ outputs: [String], _ attributes: [ProtoAttribute] = []
  ) {
    self.init()
    opType = type
    input = inputs
    output = outputs
    attribute = attributes
  }
}
