import Files
import FoundationEssentials
import Graphs
import ModelFiles
import SwiftProtobuf
import Tensors

/// A network in an ONNX file, read and checked: what goes in, what comes out, and its nodes in an order
/// in which they can be computed.
///
/// Files of opset 7 and later are read. A network becomes a graph by ``build(on:inputs:outputs:)``.
public struct ONNXModel: Sendable {
  /// One extent of an input or output.
  public enum Dimension: Sendable, Equatable {
    case fixed(Int)
    /// Decided when the network is used; the name that the file gives it may be empty.
    case free(String)
  }

  /// A tensor that goes in or comes out.
  public struct Port: Sendable, Equatable {
    public let name: String
    public let element: ONNXElement
    /// Nil where the file does not say how many axes there are.
    public let dimensions: [Dimension]?
  }

  /// The version of ONNX's operators that the nodes are of.
  public let opset: Int
  /// What wrote the file.
  public let producer: String
  /// Texts that came with the network.
  public let metadata: [String: String]
  /// What must be given to run it.
  public let inputs: [Port]
  /// What it makes.
  public let outputs: [Port]

  let nodes: [ProtoNode]
  let initializers: [String: ONNXTensor]
  private let source: ProtoModel

  /// The oldest opset whose meaning is known here.
  public static let oldestOpset = 7

  /// Reads a file.
  public init(path: String) throws(ONNXError) {
    let file: MappedFile
    do throws(FileError) { file = try MappedFile(path: path) } catch {
      throw .file(ModelFileError(error))
    }
    guard let base = file.bytes.baseAddress else { throw .invalid("the file is empty") }
    // The parser copies what it keeps and changes nothing; the file stays mapped until it is done.
    let data = Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: file.bytes.count,
      deallocator: .none)
    let proto = try withExtendedLifetime(file) { () throws(ONNXError) in try Self.read(data) }
    try self.init(proto)
  }

  /// Whether a file looks like one: it begins with a field that an ONNX file has, and is no safetensors
  /// file, in which a brace follows after 8 bytes.
  public static func isLikely(path: String) throws(ONNXError) -> Bool {
    let file: MappedFile
    do throws(FileError) { file = try MappedFile(path: path) } catch {
      throw .file(ModelFileError(error))
    }
    // The fields 1 to 8 of the outermost message, the first and fifth of which are numbers.
    let tags: [UInt8] = [0x08, 0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42]
    guard file.bytes.count > 8 else { return path.hasSuffix(".onnx") }
    return tags.contains(file.bytes[0]) && file.bytes[8] != UInt8(ascii: "{")
      || path.hasSuffix(".onnx")
  }

  /// Reads a file's bytes.
  public init(bytes: [UInt8]) throws(ONNXError) {
    try self.init(Self.read(Data(bytes)))
  }

  static func read(_ data: Data) throws(ONNXError) -> ProtoModel {
    if data.isEmpty { throw .invalid("the file is empty") }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    do {
      return try ProtoModel(serializedBytes: data, options: options)
    } catch BinaryDecodingError.messageDepthLimit {
      throw .invalid("it is nested too deeply")
    } catch BinaryDecodingError.truncated {
      throw .invalid("it is cut short, or none at all")
    } catch {
      throw .invalid("its bytes cannot be read")
    }
  }

  /// - Parameter acceptsAbsent: whether the elements of weights may lie elsewhere.
  init(_ proto: ProtoModel, acceptsAbsent: Bool = false) throws(ONNXError) {
    let proto = proto.withOwnVectors()
    source = proto
    guard proto.hasGraph, !proto.graph.output.isEmpty else {
      throw .invalid("it holds no network")
    }
    opset = try Self.opset(proto)
    producer = [proto.producerName, proto.producerVersion].filter { !$0.isEmpty }
      .joined(separator: " ")
    metadata = Dictionary(
      proto.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    let graph = proto.graph
    guard graph.sparseInitializer.isEmpty else {
      throw .unsupported("it holds sparse initialisers")
    }
    let made = Set(graph.node.flatMap(\.output))
    var initializers: [String: ONNXTensor] = [:]
    for tensor in graph.initializer where !made.contains(tensor.name) {
      guard
        initializers.updateValue(
          try ONNXTensor(tensor, acceptsAbsent: acceptsAbsent), forKey: tensor.name) == nil
      else {
        throw .invalid("two initialisers are called \(tensor.name)")
      }
    }
    self.initializers = initializers
    // Old files list their initialisers among the inputs.
    inputs = try graph.input.filter {
      initializers[$0.name] == nil && !made.contains($0.name)
    }.map(Self.port)
    outputs = try graph.output.map(Self.port)
    nodes = try Self.sorted(
      graph.node, given: Set(inputs.map(\.name)).union(initializers.keys))
    let known = made.union(inputs.map(\.name)).union(initializers.keys)
    if let output = outputs.first(where: { !known.contains($0.name) }) {
      throw .invalid("nothing makes the output \(output.name)")
    }
  }

  private static func opset(_ proto: ProtoModel) throws(ONNXError) -> Int {
    let versions = proto.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    guard let version = versions.map(\.version).max() else {
      throw .invalid("it does not say which opset it is of")
    }
    guard version >= oldestOpset, version <= 1000 else {
      throw .unsupported(
        "opset \(version); convert the file to opset \(oldestOpset) or later")
    }
    return Int(version)
  }

  private static func port(_ info: ProtoValueInfo) throws(ONNXError) -> Port {
    let type = info.type.tensorType
    guard info.type.hasTensorType else {
      throw .unsupported("\(info.name) is no tensor")
    }
    guard let element = ONNXElement(rawValue: Int(type.elemType)) else {
      throw .unsupported("\(info.name) has elements of type \(ONNXElement.name(of: type.elemType))")
    }
    guard type.hasShape else { return Port(name: info.name, element: element, dimensions: nil) }
    let dimensions = try type.shape.dim.map { (dimension) throws(ONNXError) -> Dimension in
      switch dimension.value {
      case .dimValue(let extent):
        // Some writers say -1 or 0 where they mean a free extent.
        if extent <= 0 { return extent == 0 ? .fixed(0) : .free("") }
        return .fixed(Int(extent))
      case .dimParam(let name): return .free(name)
      case nil: return .free("")
      }
    }
    return Port(name: info.name, element: element, dimensions: dimensions)
  }

  /// The file without the elements of initialisers of more floats than `count`.
  func proto(withoutWeightsBeyond count: Int) -> ProtoModel {
    var proto = source
    for index in proto.graph.initializer.indices {
      let tensor = proto.graph.initializer[index]
      guard let known = initializers[tensor.name], known.element.isFloat,
        known.shape.count > count
      else { continue }
      var bare = ProtoTensor()
      (bare.name, bare.dims, bare.dataType) = (tensor.name, tensor.dims, tensor.dataType)
      bare.dataLocation = ONNXTensor.absentLocation
      proto.graph.initializer[index] = bare
    }
    return proto
  }

  // MARK: - Order

  /// The nodes, each after those whose outputs it reads; in the file's order where it is one.
  private static func sorted(
    _ nodes: [ProtoNode], given: Set<String>
  ) throws(ONNXError) -> [ProtoNode] {
    var maker: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.output where !output.isEmpty {
        guard maker.updateValue(index, forKey: output) == nil else {
          throw .invalid("two nodes make \(output)")
        }
      }
    }
    var waiting = [Int](repeating: 0, count: nodes.count)
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in Set(node.input) where !input.isEmpty {
        if let source = maker[input] {
          readers[source].append(index)
          waiting[index] += 1
        } else if !given.contains(input) {
          throw .invalid("nothing makes \(input), which \(node.title) reads")
        }
      }
    }
    if nodes.indices.allSatisfy({ index in readers[index].allSatisfy { $0 > index } }) {
      return nodes
    }
    var ready = nodes.indices.filter { waiting[$0] == 0 }
    var order: [Int] = []
    while order.count < ready.count {
      let next = ready[order.count]
      order.append(next)
      for reader in readers[next] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.append(reader) }
      }
    }
    if let stuck = waiting.firstIndex(where: { $0 > 0 }) {
      throw .invalid("its nodes wait for each other in a circle, among them \(nodes[stuck].title)")
    }
    return order.map { nodes[$0] }
  }
}

extension ProtoModel {
  /// How many numbers may be copied: a few bytes of names could ask for any number of them.
  private static let mostCopied = 1 << 22

  /// The same network where `Identity` of a vector is a vector of its own.
  ///
  /// PyTorch writes equal vectors once and names the others so. Were they one, training could not tell
  /// the shift of one normalisation from the mean of another.
  fileprivate func withOwnVectors() -> ProtoModel {
    guard graph.node.contains(where: { $0.opType == "Identity" }) else { return self }
    var room = Self.mostCopied
    var vectors: [String: ProtoTensor] = [:]
    for tensor in graph.initializer where tensor.dims.count == 1 { vectors[tensor.name] = tensor }
    let outputs = Set(graph.output.map(\.name))
    var copies: [ProtoTensor] = []
    var model = self
    model.graph.node.removeAll { node in
      guard node.opType == "Identity", node.domain.isEmpty, node.input.count == 1,
        node.output.count == 1, !node.output[0].isEmpty, !outputs.contains(node.output[0]),
        var vector = vectors[node.input[0]], (0...Int64(room)).contains(vector.dims[0])
      else { return false }
      room -= Int(vector.dims[0])
      vector.name = node.output[0]
      vectors[vector.name] = vector
      copies.append(vector)
      return true
    }
    model.graph.initializer += copies
    return model
  }
}

extension ProtoNode {
  /// The node for an error message: "Conv (conv1)", by its first output where it has no name.
  var title: String {
    let place = name.isEmpty ? output.first { !$0.isEmpty } ?? "" : name
    return place.isEmpty ? opType : "\(opType) (\(place))"
  }
}
