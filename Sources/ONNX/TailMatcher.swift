import Graphs
import Networks
import Tensors

/// The way from one of a network's outputs back, node by node, as long as nobody else on the way to it
/// reads what lies there.
struct TailMatcher {
  private let model: ONNXModel
  let maker: [String: ProtoNode]
  private let readers: [String: Int]
  /// The value that has been reached.
  private var value: String

  init(_ model: ONNXModel, from output: String) {
    self.model = model
    var maker: [String: ProtoNode] = [:]
    var readers: [String: Int] = [:]
    var needed: Set = [output]
    for node in model.nodes.reversed() where !needed.isDisjoint(with: node.output) {
      for output in node.output { maker[output] = node }
      for input in node.reads { readers[input, default: 0] += 1 }
      needed.formUnion(node.reads)
    }
    (self.maker, self.readers) = (maker, readers)
    value = output
  }

  /// Whether one node at most reads a value.
  func isPrivate(_ value: String) -> Bool { readers[value, default: 0] <= 1 }

  /// The node that makes the value; nil where it is not one of ONNX's own.
  private var node: ProtoNode? {
    guard isPrivate(value), let node = maker[value], node.isStandard, node.output.first == value,
      !node.input.isEmpty
    else { return nil }
    return node
  }

  /// Goes to what a node of some types reads first.
  mutating func step(
    over types: Set<String>, where isRight: (ProtoNode) -> Bool = { _ in true }
  ) -> Bool {
    guard let node, types.contains(node.opType), isRight(node) else { return false }
    value = node.input[0]
    return true
  }

  /// Passes what neither computes nor reorders the numbers of one element, as classes are: other shapes,
  /// names and types, and bounds that probabilities do not reach.
  mutating func stepOverLayout() {
    while step(
      over: [
        "Cast", "DequantizeLinear", "Dropout", "Flatten", "Identity", "QuantizeLinear", "Reshape",
        "Squeeze", "Unsqueeze",
      ])
      || step(over: ["Clip"], where: { [model] in Self.keepsProbabilities($0, model) })
    {}
  }

  private static func keepsProbabilities(_ node: ProtoNode, _ model: ONNXModel) -> Bool {
    func bound(_ name: String, _ index: Int) -> Float? {
      if let attribute = node.attribute.first(where: { $0.name == name }) { return attribute.f }
      guard index < node.input.count, !node.input[index].isEmpty else { return nil }
      return model.initializers[node.input[index]]?.scalars.first ?? .nan
    }
    // NaN, of a bound that is not known, compares false.
    return bound("min", 1).map { $0 <= 1e-3 } ?? true && bound("max", 2).map { $0 >= 0.999 } ?? true
  }

  enum End {
    case softmax, logSoftmax, sigmoid
  }

  /// Goes to the numbers of which the last activation makes probabilities.
  mutating func stepOverActivation() -> End? {
    let isAlongClasses = { (node: ProtoNode) in
      [nil, 1, -1].contains(node.integer("axis")) || node.integer("axis") == 3
    }
    if step(over: ["Softmax"], where: isAlongClasses) { return .softmax }
    if step(over: ["LogSoftmax"], where: isAlongClasses) { return .logSoftmax }
    if step(over: ["Sigmoid"]) { return .sigmoid }
    return stepOverSoftmaxByHand() ? .softmax : nil
  }

  /// Goes to z of eᶻ / Σ eᶻ.
  private mutating func stepOverSoftmaxByHand() -> Bool {
    guard let node, node.opType == "Div", node.input.count == 2,
      let power = maker[node.input[0]], power.opType == "Exp", power.isStandard,
      let sum = maker[node.input[1]], sum.opType == "ReduceSum", sum.input.first == node.input[0],
      readers[node.input[0]] == 2, isPrivate(node.input[1]), let source = power.input.first
    else { return false }
    value = source
    return true
  }

  /// Goes to what is averaged over all places.
  mutating func stepOverPool() -> Bool {
    let held = model.initializers
    return step(over: ["GlobalAveragePool"])
      || step(over: ["ReduceMean"]) { node in
        let told = node.attribute.first { $0.name == "axes" }?.ints.map { Int($0) }
        let given = node.input.count > 1 ? held[node.input[1]]?.elements : nil
        let axes = told ?? given?.integers.map { Int($0) } ?? []
        return Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [2, 3]
      }
  }

  /// Goes to what a node multiplies or divides by one number, and returns that as a factor.
  mutating func stepOverFactor() -> Float? {
    guard let node, node.input.count == 2, ["Mul", "Div"].contains(node.opType) else { return nil }
    for (other, factor) in node.opType == "Mul" ? [(0, 1), (1, 0)] : [(0, 1)] {
      guard let known = floats(node.input[factor]), known.shape.count == 1 else { continue }
      let number = known.scalars[0]
      if node.opType == "Div", number == 0 { return nil }
      value = node.input[other]
      return node.opType == "Div" ? 1 / number : number
    }
    return nil
  }

  // MARK: - Weights

  /// Those of the dense layer that makes the value.
  var denseWeights: ONNXHead.Weights? {
    guard let node else { return nil }
    switch node.opType {
    case "Gemm":
      guard node.input.count >= 2, (node.integer("transA") ?? 0) == 0 else { return nil }
      func factor(_ name: String) -> Float { node.attribute.first { $0.name == name }?.f ?? 1 }
      let bias = node.input.count > 2 && !node.input[2].isEmpty ? node.input[2] : nil
      return weights(
        node.input[1], bias: factor("beta") == 0 ? nil : bias,
        isOutFirst: node.integer("transB") == 1, factors: (factor("alpha"), factor("beta")),
        reads: node.input[0])
    case "MatMul":
      guard node.input.count == 2 else { return nil }
      return weights(node.input[1], bias: nil, isOutFirst: false, reads: node.input[0])
    case "Add":
      for (product, bias) in [(0, 1), (1, 0)] {
        guard node.input.count == 2, isPrivate(node.input[product]),
          let source = maker[node.input[product]], source.opType == "MatMul",
          source.input.count == 2
        else { continue }
        return weights(
          source.input[1], bias: node.input[bias], isOutFirst: false, reads: source.input[0])
      }
      return nil
    default: return nil
    }
  }

  /// Those of the 1 × 1 convolution that makes the value.
  var pointwiseWeights: ONNXHead.Weights? {
    guard let node, node.opType == "Conv", node.input.count >= 2,
      let shape = model.initializers[node.input[1]]?.shape, shape.rank == 4,
      shape[2] == 1, shape[3] == 1, (node.integer("group") ?? 1) == 1,
      node.attribute.allSatisfy({ attribute in
        switch attribute.name {
        case "strides": attribute.ints.allSatisfy { $0 == 1 }
        case "pads": attribute.ints.allSatisfy { $0 == 0 }
        default: true
        }
      })
    else { return nil }
    let bias = node.input.count > 2 && !node.input[2].isEmpty ? node.input[2] : nil
    return weights(
      node.input[1], bias: bias, isOutFirst: true, rank: 4, reads: node.input[0])
  }

  /// - Parameter factors: by which weights and bias are multiplied where the layer reads them.
  private func weights(
    _ name: String, bias biasName: String?, isOutFirst: Bool, rank: Int = 2,
    factors: (weight: Float, bias: Float) = (1, 1), reads input: String
  ) -> ONNXHead.Weights? {
    guard let weight = floats(name), weight.shape.rank == rank else { return nil }
    var bias: ONNXTensor?
    if let biasName {
      let units = weight.shape[isOutFirst ? 0 : 1]
      guard let held = floats(biasName), [[units], [1, units]].contains(held.shape) else {
        return nil
      }
      bias = held.multiplied(by: factors.bias)
    }
    return ONNXHead.Weights(
      name: name, weight: weight.multiplied(by: factors.weight), isOutFirst: isOutFirst, bias: bias,
      input: input)
  }

  /// An initializer that can be trained.
  private func floats(_ name: String) -> ONNXTensor? {
    var name = name
    while let node = maker[name], node.opType == "Identity", let source = node.input.first {
      name = source
    }
    guard let tensor = model.initializers[name], tensor.element.isFloat, !tensor.isStoredSeparately,
      tensor.shape.count > 0
    else { return nil }
    return tensor
  }
}

extension ONNXTensor {
  /// The columns of a matrix as rows.
  var transposed: ONNXTensor {
    let (rows, columns) = (shape[0], shape[1])
    if uniformValue != nil { return called(name, shape: [columns, rows]) }
    let scalars = scalars
    return ONNXTensor(
      name: name,
      Tensor(
        [columns, rows], (0..<scalars.count).map { scalars[$0 % rows * columns + $0 / rows] }))
  }

  fileprivate func multiplied(by factor: Float) -> ONNXTensor {
    if factor == 1 { return self }
    if let uniformValue {
      return ONNXTensor(
        name: name, element: element, shape, repeating: uniformValue * Double(factor))
    }
    return ONNXTensor(name: name, Tensor(shape, scalars.map { $0 * factor }))
  }
}

extension ProtoNode {
  /// An attribute of one whole number.
  fileprivate func integer(_ name: String) -> Int64? { attribute.first { $0.name == name }?.i }
}
