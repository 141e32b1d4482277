import Graphs
import Tensors

extension Unary: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let x = vertex.input(0)
    func number(_ value: Float) -> String { vertex.writer.constant([value]) }
    switch kind {
    case .negate: vertex.finish("Neg", [x])
    case .exp: vertex.finish("Exp", [x])
    case .log: vertex.finish("Log", [x])
    case .reciprocal: vertex.finish("Reciprocal", [x])
    case .abs: vertex.finish("Abs", [x])
    case .square: vertex.finish("Mul", [x, x])
    case .sin: vertex.finish("Sin", [x])
    case .cos: vertex.finish("Cos", [x])
    case .sqrt: vertex.finish("Sqrt", [x])
    case .erf: vertex.finish("Erf", [x])
    case .sign: vertex.finish("Sign", [x])
    case .step:
      let isPositive = vertex.step("Greater", [x, number(0)])
      vertex.finish("Cast", [isPositive], [.integer("to", ONNXElement.float32.rawValue)])
    case .floor: vertex.finish("Floor", [x])
    case .ceil: vertex.finish("Ceil", [x])
    case .round: vertex.finish("Round", [x])
    case .tanh: vertex.finish("Tanh", [x])
    case .sigmoid: vertex.finish("Sigmoid", [x])
    case .hardSigmoid(let slope, let offset):
      vertex.finish("HardSigmoid", [x], [.float("alpha", slope), .float("beta", offset)])
    case .relu: vertex.finish("Relu", [x])
    case .leakyReLU(let slope): vertex.finish("LeakyRelu", [x], [.float("alpha", slope)])
    case .elu(let alpha): vertex.finish("Elu", [x], [.float("alpha", alpha)])
    case .gelu:
      // x · ½ · (1 + erf(x / √2)); the operator of that name is younger than this opset.
      let inner = vertex.step("Mul", [x, number(Float(0.5).squareRoot())])
      let gate = vertex.step("Add", [vertex.step("Erf", [inner]), number(1)])
      vertex.finish("Mul", [vertex.step("Mul", [x, number(0.5)]), gate])
    case .swish: vertex.finish("Mul", [x, vertex.step("Sigmoid", [x])])
    case .softplus: vertex.finish("Softplus", [x])
    case .clip(let minimum, let maximum):
      vertex.finish("Clip", [x, number(minimum), number(maximum)])
    case .rounded(let format):
      let element: ONNXElement = format == .float16 ? .float16 : .bfloat16
      let small = vertex.step("Cast", [x], [.integer("to", element.rawValue)])
      vertex.finish("Cast", [small], [.integer("to", ONNXElement.float32.rawValue)])
    }
  }
}

extension Binary: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let inputs = [vertex.input(0), vertex.input(1)]
    func comparison(_ type: String) {
      let truth = vertex.step(type, inputs)
      vertex.finish("Cast", [truth], [.integer("to", ONNXElement.float32.rawValue)])
    }
    switch kind {
    case .add: vertex.finish("Add", inputs)
    case .subtract: vertex.finish("Sub", inputs)
    case .multiply: vertex.finish("Mul", inputs)
    case .divide: vertex.finish("Div", inputs)
    case .maximum: vertex.finish("Max", inputs)
    case .minimum: vertex.finish("Min", inputs)
    case .power: vertex.finish("Pow", inputs)
    case .equal: comparison("Equal")
    case .greater: comparison("Greater")
    case .greaterOrEqual: comparison("GreaterOrEqual")
    case .less: comparison("Less")
    case .lessOrEqual: comparison("LessOrEqual")
    }
  }
}

extension Select: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let truth = vertex.step(
      "Cast", [vertex.input(0)], [.integer("to", ONNXElement.bool.rawValue)])
    vertex.finish("Where", [truth, vertex.input(1), vertex.input(2)])
  }
}

extension BiasAdd: ExportableOperation {
  /// The bias of the convolution or product before it, where that has none yet.
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let (x, bias) = (vertex.inputs[0], vertex.input(1))
    let isTaken = vertex.writer.extend(x, ofTypes: ["Conv", "ConvTranspose", "Gemm"]) { node in
      guard node.input.count == 2 else { return false }
      node.input.append(bias)
      return true
    }
    if isTaken { return vertex.writer.give(vertex.input(0), to: vertex.outputs[0]) }
    let places = [Int](repeating: 1, count: x.shape.rank - 2)
    let shape = vertex.writer.constant([x.shape[1]] + places)
    vertex.finish("Add", [vertex.input(0), vertex.step("Reshape", [bias, shape])])
  }
}
