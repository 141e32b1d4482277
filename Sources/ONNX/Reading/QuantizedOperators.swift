/// Operators on whole numbers that stand for fractions, in terms of those on fractions: x stands for
/// (x − zero point) · scale.
///
/// `QLinear…` and `…Integer` of ONNX, and those with which onnxruntime completes them (its contributed
/// operators, domain `com.microsoft`). Sums of products are then computed in 32-bit floats, which hold
/// whole numbers up to 2²⁴ exactly.
enum QuantizedOperators {
  /// The nodes that compute the same; nil where it is another operator.
  static func expanded(_ node: ProtoNode) -> [ProtoNode]? {
    guard ["", "ai.onnx", "com.microsoft"].contains(node.domain), let result = node.output.first
    else { return nil }
    var steps = Steps(node, result)
    switch node.opType {
    case "QLinearConv":
      let (x, weight) = (steps.dequantized(0), steps.dequantized(3, axis: 0))
      var inputs = [x, weight]
      if steps.has(8) {
        // The bias is in units of both scales.
        let unit = steps.make("Mul", [node.input[1], node.input[4]])
        inputs.append(steps.make("DequantizeLinear", [node.input[8], unit], [.integer("axis", 0)]))
      }
      steps.quantize(steps.make("Conv", inputs, node.attribute), scale: 6)
    case "QLinearMatMul":
      let product = steps.make("MatMul", [steps.dequantized(0, axis: -2), steps.dequantized(3)])
      steps.quantize(product, scale: 6)
    case "QLinearAdd", "QLinearMul":
      let type = String(node.opType.dropFirst("QLinear".count))
      steps.quantize(
        steps.make(type, [steps.dequantized(0), steps.dequantized(3)]), scale: 6)
    case "QLinearConcat":
      var parts: [String] = []
      for index in stride(from: 2, to: node.input.count - 2, by: 3) {
        parts.append(steps.dequantized(index))
      }
      steps.quantize(steps.make("Concat", parts, node.attribute), scale: 0)
    case "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", "QLinearAveragePool",
      "QLinearGlobalAveragePool":
      // Channels behind their places, as some mobile runtimes want them, are not known here.
      if node.attribute.contains(where: { $0.name == "channels_last" && $0.i != 0 }) { return nil }
      let type = String(node.opType.dropFirst("QLinear".count))
      let attributes = node.attribute.filter { !["channels_last", "opset"].contains($0.name) }
      steps.quantize(steps.make(type, [steps.dequantized(0)], attributes), scale: 3)
    case "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear":
      guard node.domain == "com.microsoft" else { return nil }
      steps.finish(node.opType, node.input, node.attribute)
      steps.nodes[0].output = node.output
    case "QGemm":
      // Scales of single columns lie along the axis that the columns have.
      let isTransposed = node.attribute.contains { $0.name == "transB" && $0.i == 1 }
      var inputs = [steps.dequantized(0), steps.dequantized(3, axis: isTransposed ? 0 : -1)]
      if steps.has(6) {
        let unit = steps.make("Mul", [node.input[1], node.input[4]])
        inputs.append(steps.make("DequantizeLinear", [node.input[6], unit], [.integer("axis", 0)]))
      }
      let product = steps.make("Gemm", inputs, node.attribute)
      if steps.has(7) {
        steps.quantize(product, scale: 7)
      } else {
        steps.finish("Identity", [product])
      }
    case "ConvInteger":
      let (x, weight) = (steps.shifted(0, zero: 2), steps.shifted(1, zero: 3, axis: 0))
      steps.finish(
        "Cast", [steps.make("Conv", [x, weight], node.attribute)],
        [.integer("to", ONNXElement.int32.rawValue)])
    case "MatMulInteger":
      let product = steps.make(
        "MatMul", [steps.shifted(0, zero: 2, axis: -2), steps.shifted(1, zero: 3)])
      steps.finish("Cast", [product], [.integer("to", ONNXElement.int32.rawValue)])
    case "MatMulIntegerToFloat":
      let product = steps.make(
        "MatMul",
        [
          steps.dequantized(0, scale: 2, zero: 4, axis: -2),
          steps.dequantized(1, scale: 3, zero: 5),
        ])
      steps.finish(product, adding: 6)
    case "DynamicQuantizeMatMul":
      let parts = ["", "_scale", "_zero"].map { result + "/quantized" + $0 }
      steps.nodes.append(ProtoNode(type: "DynamicQuantizeLinear", [steps.input(0)], parts))
      let x = steps.make("DequantizeLinear", parts)
      steps.finish(
        steps.make("MatMul", [x, steps.dequantized(1, scale: 2, zero: 3)]), adding: 4)
    default: return nil
    }
    return steps.isSound ? steps.nodes : nil
  }

  /// The nodes that are made for one.
  private struct Steps {
    let node: ProtoNode
    let result: String
    var nodes: [ProtoNode] = []
    /// Whether the node has all inputs that were asked for.
    private(set) var isSound = true

    init(_ node: ProtoNode, _ result: String) {
      self.node = node
      self.result = result
    }

    func has(_ index: Int) -> Bool { index < node.input.count && !node.input[index].isEmpty }

    mutating func input(_ index: Int) -> String {
      if has(index) { return node.input[index] }
      isSound = false
      return ""
    }

    /// Adds a node and returns the name of what it makes.
    mutating func make(
      _ type: String, _ inputs: [String], _ attributes: [ProtoAttribute] = []
    ) -> String {
      let name = "\(result)/\(type)\(nodes.count)"
      nodes.append(ProtoNode(type: type, inputs, [name], attributes))
      return name
    }

    /// Adds the node that makes the result.
    mutating func finish(
      _ type: String, _ inputs: [String], _ attributes: [ProtoAttribute] = []
    ) {
      var last = ProtoNode(type: type, inputs, [result], attributes)
      last.name = node.name
      nodes.append(last)
    }

    mutating func finish(_ value: String, adding bias: Int) {
      if has(bias) {
        finish("Add", [value, node.input[bias]])
      } else {
        finish("Identity", [value])
      }
    }

    /// Three inputs that follow each other: numbers, their scale, their zero point.
    mutating func dequantized(_ index: Int, axis: Int = -1) -> String {
      dequantized(index, scale: index + 1, zero: index + 2, axis: axis)
    }

    mutating func dequantized(_ index: Int, scale: Int, zero: Int, axis: Int = -1) -> String {
      let zero = has(zero) ? [node.input[zero]] : []
      return make(
        "DequantizeLinear", [input(index), input(scale)] + zero, [.integer("axis", axis)])
    }

    /// Whole numbers without their zero point.
    mutating func shifted(_ index: Int, zero: Int, axis: Int = -1) -> String {
      let one = make("Constant", [], [.float("value_float", 1)])
      let zero = has(zero) ? [node.input[zero]] : []
      return make("DequantizeLinear", [input(index), one] + zero, [.integer("axis", axis)])
    }

    /// Adds the node that makes the result of fractions: two inputs are its scale and zero point.
    mutating func quantize(_ value: String, scale: Int) {
      let zero = has(scale + 1) ? [node.input[scale + 1]] : []
      finish("QuantizeLinear", [value, input(scale)] + zero)
    }
  }
}
