import FoundationEssentials
import Graphs
import Networks
import SwiftProtobuf
import Tensors

/// The nodes of an ONNX file, from its inputs to one of its values, as a layer: so that a network
/// from elsewhere is asked, shown, trained on and stored as one of our own.
///
/// Its variables are called as the file's initialisers are, behind the layer's own name. In training all
/// of them change but the statistics of batch normalisations, which are kept as ``BatchNorm`` keeps
/// them. In JSON it is the file without the values of its large weights, which a model file holds as
/// tensors.
///
/// Shapes: N × C × H × W, or N × F, as the file says, → as the file says; N × F × 1 × 1 → N × F. A file
/// made for a batch of one serves any batch.
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

  /// Initialisers of more elements are stored as tensors only.
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
      let built = try model.build(in: context, given: given, output: output)
      for variable in built.variables { context.adopt(variable) }
      for layer in built.layers { context.note(layer.report) }
      guard case .node(let made) = built.outputs[output] else {
        throw .mismatch("what it makes does not depend on its input")
      }
      let result = try made.withoutPlaces()
      if let logits = built.logits[output] {
        context.noteActivation(.softmax, input: try logits.withoutPlaces(), output: result)
      }
      return result
    } catch {
      throw context.failure("\(error)")
    }
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
  /// N × F of N × F × 1 × 1; itself where there is more than one place.
  fileprivate func withoutPlaces() throws(ONNXError) -> Node {
    guard shape.rank == 4, shape[2] == 1, shape[3] == 1 else { return self }
    do throws(GraphError) { return try reshaped(to: [shape[0], shape[1]]) } catch {
      throw .mismatch("\(error)")
    }
  }
}

extension ONNXGraph.Layer {
  /// The layer for summaries, its path without slashes.
  fileprivate var report: LayerReport {
    LayerReport(
      path: name.split(separator: "/").joined(separator: "."), type: type,
      declaration: declaration, output: output, parameters: parameters, state: state,
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
      model = try ONNXModel(ONNXModel.read(data), acceptsAbsent: true)
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: .graph, in: container, debugDescription: "\(error)")
    }
    output = try container.decode(String.self, forKey: .output)
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let proto = model.proto(withoutWeightsBeyond: Self.mostInline)
    let bytes: Data = try proto.serializedBytes()
    try container.encode(bytes.base64EncodedString(), forKey: .graph)
    try container.encode(output, forKey: .output)
  }
}
