import FoundationEssentials
import Graphs
import Tensors

/// Writes the vertices of a graph as ONNX nodes, one after the other.
final class GraphWriter {
  let graph: Graph
  /// What the graph was built for; extents of it are free in the file.
  let batch: Int
  private(set) var proto = ProtoGraph()
  private var names: [Node.ID: String] = [:]
  private var used: Set<String> = []
  private var constants: [String: String] = [:]
  private var readers: [Node.ID: Int] = [:]

  init(_ graph: Graph, batch: Int) {
    self.graph = graph
    self.batch = batch
  }

  /// Adds all that outputs depend on.
  func add(
    _ outputs: [(name: String, node: Node)], value: (String) -> Tensor?
  ) throws(ONNXError) {
    var needed = Set(outputs.map(\.node.id.vertex))
    for index in graph.vertices.indices.reversed() where needed.contains(index) {
      for input in graph.vertices[index].inputs {
        needed.insert(input.vertex)
        readers[input, default: 0] += 1
      }
    }
    for (name, node) in outputs {
      readers[node.id, default: 0] += 1
      used.insert(name)
    }
    for index in graph.vertices.indices where needed.contains(index) {
      let vertex = graph.vertices[index]
      let id = Node.ID(vertex: index, output: 0)
      switch vertex.kind {
      case .input(let name):
        names[id] = unique(name)
        proto.input.append(port(names[id] ?? name, vertex.shapes[0]))
      case .variable(let variable):
        guard let tensor = value(variable.name) else {
          throw .mismatch("the variable \(variable.name) has no value")
        }
        names[id] = unique(variable.name)
        initialize(names[id] ?? variable.name, tensor)
      case .constant(let tensor):
        guard !tensor.shape.dimensions.contains(batch) else {
          throw .unsupported("a constant of the batch's size")
        }
        names[id] = unique("constant_\(index)")
        initialize(names[id] ?? "", tensor)
      case .operation(let operation):
        guard let exportable = operation as? any ExportableOperation else {
          throw .unsupported(
            "the operation \(operation.name)\(vertex.label.map { ", in \($0)" } ?? "") has no "
              + "counterpart in an ONNX file")
        }
        try exportable.write(
          VertexExport(
            writer: self, vertex: vertex, index: index,
            inputs: vertex.inputs.map { graph.node($0) },
            outputs: vertex.shapes.indices.map { Node.ID(vertex: index, output: $0) }))
      }
    }
    for (name, node) in outputs {
      let own = self.name(of: node)
      if readers[node.id] == 1, let maker = proto.node.lastIndex(where: { $0.output == [own] }) {
        proto.node[maker].output = [name]
      } else {
        append("Identity", [own], [name], label: nil)
      }
      proto.output.append(port(name, node.shape))
    }
  }

  // MARK: - Names

  func name(of node: Node) -> String { names[node.id] ?? "" }

  func give(_ name: String, to id: Node.ID) { names[id] = name }

  /// A name that nothing has yet: the one asked for, or with a number behind it.
  func unique(_ name: String) -> String {
    var candidate = name
    var number = 1
    while !used.insert(candidate).inserted {
      number += 1
      candidate = "\(name)_\(number)"
    }
    return candidate
  }

  // MARK: - Parts

  func append(
    _ type: String, _ inputs: [String], _ outputs: [String], label: String?,
    _ attributes: [ProtoAttribute] = []
  ) {
    var node = ProtoNode()
    node.opType = type
    node.input = inputs
    node.output = outputs
    node.attribute = attributes
    node.name = unique("\(label ?? "")/\(type)")
    proto.node.append(node)
  }

  /// Changes the node that makes a value, where it is the last that was written and nobody else reads
  /// what it makes.
  func extend(
    _ node: Node, ofTypes types: Set<String>, _ change: (inout ProtoNode) -> Bool
  ) -> Bool {
    guard readers[node.id] == 1, let last = proto.node.indices.last,
      proto.node[last].output == [name(of: node)], types.contains(proto.node[last].opType)
    else { return false }
    return change(&proto.node[last])
  }

  private func port(_ name: String, _ shape: Shape) -> ProtoValueInfo {
    var info = ProtoValueInfo()
    info.name = name
    info.type.tensorType.elemType = Int32(ONNXElement.float32.rawValue)
    info.type.tensorType.shape.dim = shape.dimensions.enumerated().map { axis, extent in
      var dimension = ProtoDimension()
      dimension.value =
        axis == 0 && extent == batch ? .dimParam("batch") : .dimValue(Int64(extent))
      return dimension
    }
    return info
  }

  private func initialize(_ name: String, _ tensor: Tensor) {
    var proto = ProtoTensor()
    proto.name = name
    proto.dataType = Int32(ONNXElement.float32.rawValue)
    proto.dims = tensor.shape.dimensions.map { Int64($0) }
    // Little-endian, as every machine is that this runs on.
    proto.rawData = tensor.withUnsafeBufferPointer { Data(buffer: $0) }
    self.proto.initializer.append(proto)
  }

  /// The name of a list of whole numbers.
  func constant(_ values: [Int]) -> String {
    let key = "\(values)"
    if let known = constants[key] { return known }
    var tensor = ProtoTensor()
    tensor.name = unique("integers")
    tensor.dataType = Int32(ONNXElement.int64.rawValue)
    tensor.dims = [Int64(values.count)]
    tensor.int64Data = values.map { Int64($0) }
    proto.initializer.append(tensor)
    constants[key] = tensor.name
    return tensor.name
  }

  /// The name of some floats; of a number without axes where `shape` is empty.
  func constant(_ values: [Float], _ shape: Shape = []) -> String {
    let key = "\(shape) \(values)"
    if let known = constants[key] { return known }
    let name = unique("number")
    initialize(name, Tensor(shape, values))
    constants[key] = name
    return name
  }
}

/// An operation that an ONNX file can hold.
protocol ExportableOperation {
  /// Writes the nodes that compute the vertex's outputs.
  func write(_ vertex: VertexExport) throws(ONNXError)
}

/// A vertex that is being written.
struct VertexExport {
  let writer: GraphWriter
  let vertex: Graph.Vertex
  let index: Int
  let inputs: [Node]
  let outputs: [Node.ID]

  var shape: Shape { vertex.shapes[0] }

  func input(_ index: Int) -> String { writer.name(of: inputs[index]) }

  func unsupported(_ what: String) -> ONNXError {
    .unsupported(
      "\(what)\(vertex.label.map { ", in \($0)" } ?? "") has no counterpart in an ONNX file")
  }

  /// Writes the node that makes the first output.
  func finish(_ type: String, _ inputs: [String], _ attributes: [ProtoAttribute] = []) {
    let name = writer.unique("\(vertex.label ?? "value")_\(index)")
    writer.append(type, inputs, [name], label: vertex.label, attributes)
    writer.give(name, to: outputs[0])
  }

  /// Writes a node on the way there and returns the name of what it makes.
  func step(
    _ type: String, _ inputs: [String], _ attributes: [ProtoAttribute] = []
  ) -> String {
    let name = writer.unique("\(vertex.label ?? "value")_\(index)_\(type)")
    writer.append(type, inputs, [name], label: vertex.label, attributes)
    return name
  }
}

extension ProtoAttribute {
  static func integer(_ name: String, _ value: Int) -> ProtoAttribute {
    var attribute = ProtoAttribute()
    (attribute.name, attribute.i, attribute.type) = (name, Int64(value), 2)
    return attribute
  }

  static func integers(_ name: String, _ values: [Int]) -> ProtoAttribute {
    var attribute = ProtoAttribute()
    (attribute.name, attribute.ints, attribute.type) = (name, values.map { Int64($0) }, 7)
    return attribute
  }

  static func float(_ name: String, _ value: Float) -> ProtoAttribute {
    var attribute = ProtoAttribute()
    (attribute.name, attribute.f, attribute.type) = (name, value, 1)
    return attribute
  }

  static func texts(_ name: String, _ values: [String]) -> ProtoAttribute {
    var attribute = ProtoAttribute()
    (attribute.name, attribute.strings, attribute.type) = (name, values.map { Data($0.utf8) }, 8)
    return attribute
  }

  static func text(_ name: String, _ value: String) -> ProtoAttribute {
    var attribute = ProtoAttribute()
    (attribute.name, attribute.s, attribute.type) = (name, Data(value.utf8), 3)
    return attribute
  }
}
