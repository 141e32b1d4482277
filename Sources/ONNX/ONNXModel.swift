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
  /// How many elements the file itself holds: what was computed of them is not counted.
  let heldCount: Int
  /// What the file says beside them.
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
    var proto = try withExtendedLifetime(file) { () throws(ONNXError) in try Self.read(data) }
    var external = ExternalData(beside: path)
    try external.resolve(&proto)
    try self.init(proto)
  }

  /// Whether a file looks like one: it begins with a field that an ONNX file has, and with nothing by
  /// which other files are known.
  public static func isLikely(path: String) throws(ONNXError) -> Bool {
    let file: MappedFile
    do throws(FileError) { file = try MappedFile(path: path) } catch {
      throw .file(ModelFileError(error))
    }
    guard FileKind(file) == .unknown else { return false }
    // The fields 1 to 8 of the outermost message, the first and fifth of which are numbers.
    let tags: [UInt8] = [0x08, 0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42]
    let start = file.bytes(first: 9)
    return start.count > 8 && tags.contains(start[0]) || path.hasSuffix(".onnx")
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
      throw .invalid("it is truncated or not an ONNX file")
    } catch {
      throw .invalid("its bytes cannot be read")
    }
  }

  /// - Parameter isStored: whether it is the network of a model file, which was made uniform before it
  ///   was stored and the weights of which may lie elsewhere.
  init(_ proto: ProtoModel, isStored: Bool = false) throws(ONNXError) {
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
      throw .unsupported("it holds sparse initializers")
    }
    // Old files list their initializers among the inputs.
    let held = Set(graph.initializer.map(\.name)).union(graph.node.flatMap(\.output))
    inputs = try graph.input.filter { !held.contains($0.name) }.map(Self.port)
    outputs = try graph.output.map(Self.port)
    let given = Set(inputs.map(\.name))
    if isStored {
      var initializers: [String: ONNXTensor] = [:]
      for tensor in graph.initializer {
        initializers[tensor.name] = try ONNXTensor(tensor, acceptsAbsent: true)
      }
      self.initializers = initializers
      heldCount = initializers.values.reduce(0) { $0 + $1.shape.count }
      nodes = try graph.node.ordered(given: given.union(initializers.keys))
    } else {
      let reading = try GraphReading(
        graph, functions: proto.functions, opset: opset, given: given)
      (nodes, initializers) = (reading.nodes, reading.initializers)
      heldCount = reading.heldCount
    }
    let known = given.union(initializers.keys).union(nodes.flatMap(\.output))
    if let output = outputs.first(where: { !known.contains($0.name) }) {
      throw .invalid("no node produces the output \(output.name)")
    }
    var source = ProtoModel()
    (source.irVersion, source.opsetImport) = (proto.irVersion, proto.opsetImport)
    (source.producerName, source.producerVersion) = (proto.producerName, proto.producerVersion)
    source.metadataProps = proto.metadataProps
    source.graph.name = graph.name
    // An initializer among them that nothing reads any more would be asked for.
    source.graph.input = graph.input.filter { given.contains($0.name) }
    source.graph.output = graph.output
    self.source = source
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

  /// The network as it was made uniform, without the elements of weights of more floats than `count`.
  func proto(inliningUpTo count: Int) -> ProtoModel {
    var proto = source
    proto.graph.node = nodes
    proto.graph.initializer = initializers.keys.sorted().compactMap {
      initializers[$0]?.proto(inlinesUpTo: count)
    }
    return proto
  }
}
