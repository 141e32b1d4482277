import FoundationEssentials
import Graphs
import Networks
import SwiftProtobuf
import Tensors

/// The nodes of an ONNX file, from its inputs to one of its values, as a layer: so that a network
/// from elsewhere is asked, shown, trained on and stored as one of our own.
///
/// Its variables are called as the file's initializers are, behind the layer's own name. In training all
/// of them change but the statistics of batch normalizations, which are kept as ``BatchNorm`` keeps
/// them. In JSON it is the file without the values of its large weights, which a model file holds as
/// tensors.
///
/// Shapes: N × C × H × W, or N × F, as the file says, → N × F where a single axis of the file's output is
/// longer than 1, else as the file says. A file made for a fixed batch serves any: its layers are built for
/// another where they can be, else it computes one batch of its own after the other, the last one filled up.
public struct ONNXNetwork: Layer {
  public static let defaultName = "onnx"
  public static let isContainer = true

  let model: ONNXModel
  /// The name of the value that it makes.
  let output: String

  public var description: String {
    let last = model.nodes.last { $0.output.contains(output) }
    return "ONNXNetwork(\(model.nodes.count) nodes\(last.map { ", the last \($0.title)" } ?? ""))"
  }

  /// Initializers of more elements are stored as tensors only.
  private static let mostInline = 256

  init(_ model: ONNXModel, output: String) {
    self.model = model
    self.output = output
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    do throws(ONNXError) {
      var given: [String: Node] = [:]
      for (index, port) in model.inputs.enumerated() {
        let node = index == 0 ? input : try context.givenInput(port.name)
        given[port.name] = try port.arranged(node, context: context)
      }
      let own = model.inputs.first?.fixedBatch
      do throws(ONNXError) {
        let built = try model.build(in: context, given: given, output: output)
        let made = try result(of: built)
        guard own == nil || made.shape.dimensions.first == input.shape[0] else {
          throw .mismatch("what it makes has another batch than its input")
        }
        built.note(in: &context)
        return made
      } catch {
        guard let own, own != input.shape[0] else { throw error }
        return try inBatches(of: own, given, count: input.shape[0], &context)
      }
    } catch {
      throw context.failure("\(error)")
    }
  }

  /// What the network makes, as rows where it can be.
  private func result(of built: ONNXGraph) throws(ONNXError) -> Node {
    guard case .node(let made) = built.outputs[output] else {
      throw .mismatch("what it makes does not depend on its input")
    }
    return try made.asRows()
  }

  /// Computes one batch of the file's own size after the other; zeros fill up the last.
  private func inBatches(
    of own: Int, _ given: [String: Node], count: Int, _ context: inout BuildContext
  ) throws(ONNXError) -> Node {
    var made: [Node] = []
    for start in stride(from: 0, to: count, by: own) {
      var part: [String: Node] = [:]
      for (name, node) in given { part[name] = try node.batch(from: start, own) }
      let built = try model.build(in: context, given: part, output: output)
      var rows = try result(of: built)
      if rows.shape.rank == 1, own == 1 { rows = try rows.asShape([1, rows.shape[0]]) }
      guard rows.shape.dimensions.first == own else {
        throw .mismatch("what it makes has another batch than its input")
      }
      made.append(rows)
      // Layers and weights are the same each time.
      if start == 0 { built.note(in: &context) }
    }
    do throws(GraphError) {
      let all = made.count == 1 ? made[0] : try context.graph.apply(Concatenate(axis: 0), made)[0]
      if all.shape[0] == count { return all }
      let rest = all.shape.dimensions.dropFirst()
      return try all.applying(Slice(starts: [0] + rest.map { _ in 0 }, ends: [count] + rest))
    } catch { throw .mismatch("\(error)") }
  }
}

extension ONNXGraph {
  /// Reports variables and layers.
  fileprivate func note(in context: inout BuildContext) {
    for variable in variables { context.adopt(variable) }
    for layer in layers { context.note(layer.report) }
  }
}

extension BuildContext {
  /// Another of the network's inputs than the first.
  fileprivate func givenInput(_ name: String) throws(ONNXError) -> Node {
    do throws(NetworkError) { return try input(named: name) } catch { throw .mismatch("\(error)") }
  }
}

extension ONNXModel.Port {
  /// An image batch or a batch of features as this input takes it: with the channels last, or with
  /// features as N × F × 1 × 1, where the file wants them so.
  fileprivate func arranged(_ input: Node, context: BuildContext) throws(ONNXError) -> Node {
    do throws(GraphError) {
      guard let dimensions, dimensions.count == 4 else { return input }
      if input.shape.rank == 2 {
        return try input.reshaped(to: [input.shape[0], input.shape[1], 1, 1])
      }
      return isChannelsLast ? try input.transposed([0, 2, 3, 1]) : input
    } catch { throw .mismatch("\(error)") }
  }

  /// The batch that the file was made for; nil where it is free.
  var fixedBatch: Int? {
    if let dimensions, dimensions.count > 1, case .fixed(let extent) = dimensions[0] {
      return extent > 0 ? extent : nil
    }
    return nil
  }

  /// Whether it takes N × H × W × C; N × C × 1 × 1 are latents.
  var isChannelsLast: Bool {
    guard let dimensions, dimensions.count == 4, dimensions[2] != .fixed(1) else { return false }
    func isColor(_ dimension: ONNXModel.Dimension) -> Bool {
      dimension == .fixed(1) || dimension == .fixed(3)
    }
    return isColor(dimensions[3]) && !isColor(dimensions[1])
  }
}

extension Node {
  /// N × F where a single axis beside the batch is longer than 1; else itself.
  fileprivate func asRows() throws(ONNXError) -> Node {
    let rest = shape.dimensions.dropFirst()
    guard shape.rank > 2, rest.count(where: { $0 > 1 }) <= 1 else { return self }
    return try asShape([shape[0], rest.reduce(1, *)])
  }

  fileprivate func asShape(_ shape: Shape) throws(ONNXError) -> Node {
    do throws(GraphError) { return try reshaped(to: shape) } catch { throw .mismatch("\(error)") }
  }

  /// So many elements of the batch, zeros behind the last.
  fileprivate func batch(from start: Int, _ count: Int) throws(ONNXError) -> Node {
    let rest = shape.dimensions.dropFirst()
    let zeros = rest.map { _ in 0 }
    let end = min(start + count, shape[0])
    do throws(GraphError) {
      let part = try applying(Slice(starts: [start] + zeros, ends: [end] + rest))
      if end == start + count { return part }
      return try part.applying(
        Pad(before: [0] + zeros, after: [start + count - end] + zeros))
    } catch { throw .mismatch("\(error)") }
  }
}

extension ONNXGraph.Layer {
  /// The layer for summaries, its path without slashes.
  fileprivate var report: LayerSummary {
    LayerSummary(
      path: name.split(separator: "/").joined(separator: "."), type: type,
      declaration: declaration, output: output, parameters: parameters, buffers: state,
      multiplyAdds: multiplyAdds)
  }
}

/// In JSON `{"graph": base64, "output": name}`.
extension ONNXNetwork {
  private enum CodingKeys: String, CodingKey { case graph, output }

  public init(from decoder: any Swift.Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let data = Data(base64Encoded: try container.decode(String.self, forKey: .graph)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .graph, in: container, debugDescription: "no base64")
    }
    do throws(ONNXError) {
      model = try ONNXModel(ONNXModel.read(data), isStored: true)
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: .graph, in: container, debugDescription: "\(error)")
    }
    output = try container.decode(String.self, forKey: .output)
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let proto = model.proto(inliningUpTo: Self.mostInline)
    let bytes: Data = try proto.serializedBytes()
    try container.encode(bytes.base64EncodedString(), forKey: .graph)
    try container.encode(output, forKey: .output)
  }
}
