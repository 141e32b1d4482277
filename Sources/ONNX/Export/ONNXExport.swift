import Files
import FoundationEssentials
import Graphs
import ModelFiles
import SwiftProtobuf
import Tensors

/// A graph as an ONNX file of opset 17, with any batch.
///
///     let export = try ONNXExport(name: "objects", batch: 61, outputs: [("logits", logits)]) {
///       store[$0]
///     }
///     try export.write(to: "objects.onnx")
///
/// The graph is built for a batch that divides no other extent; extents of that number become the
/// file's free batch.
public struct ONNXExport: CustomStringConvertible {
  /// The version of the operators that are written.
  public static let opset = 17
  /// Under which key the metadata holds a model's card, as JSON.
  public static let cardKey = "card"

  let proto: ProtoModel

  /// - Parameters:
  ///   - batch: what the graph was built for.
  ///   - outputs: the nodes that the file makes, with their names; inputs have those of the graph.
  ///   - metadata: texts to write beside it.
  ///   - value: the values of variables, by name.
  /// - Throws: ``ONNXError/unsupported(_:)`` with the operation that has no counterpart.
  public init(
    name: String, batch: Int, outputs: [(name: String, node: Node)],
    metadata: [String: String] = [:],
    value: (String) -> Tensor?
  ) throws(ONNXError) {
    guard let graph = outputs.first?.node.graph else { throw .mismatch("nothing to export") }
    let writer = GraphWriter(graph, batch: batch)
    try writer.add(outputs, value: value)
    var proto = ProtoModel()
    proto.irVersion = 8
    proto.producerName = "vision"
    var opset = ProtoOperatorSet()
    opset.version = Int64(Self.opset)
    proto.opsetImport = [opset]
    proto.graph = writer.proto
    proto.graph.name = name.isEmpty ? "network" : name
    proto.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
      var text = ProtoText()
      (text.key, text.value) = (key, value)
      return text
    }
    self.proto = proto
  }

  /// "input 3×32×32 → logits 10, 87 nodes": for one element of a batch.
  public var description: String {
    func port(_ info: ProtoValueInfo) -> String {
      let extents = info.type.tensorType.shape.dim.dropFirst().map { "\($0.dimValue)" }
      return "\(info.name) \(extents.joined(separator: "×"))"
    }
    let inputs = proto.graph.input.map(port).joined(separator: ", ")
    let outputs = proto.graph.output.map(port).joined(separator: ", ")
    return "\(inputs) → \(outputs), \(proto.graph.node.count) nodes"
  }

  /// The file's bytes.
  public func bytes() throws(ONNXError) -> [UInt8] {
    do { return try proto.serializedBytes() } catch {
      throw .file(.unwritable("the network takes more than 2 GB, which no ONNX file holds"))
    }
  }

  /// Writes the file, which appears under its name only when it is whole.
  public func write(to path: String) throws(ONNXError) {
    let bytes = try bytes()
    do throws(FileError) {
      let file = try AtomicFile(path: path)
      try file.write(bytes)
      try file.commit()
    } catch { throw .file(ModelFileError(error)) }
  }
}
