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

extension ONNXGraph.Layer {
  /// - Parameter variables: those that the node was the first to read.
  init(
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
