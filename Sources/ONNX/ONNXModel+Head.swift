import Networks
import Tensors

/// What a classifier ends in, as layers of ours.
struct ONNXHead {
  /// The value that its first layer reads.
  let input: String
  let layers: [NamedLayer]
  /// The values of its variables, by the names that the layers give them.
  let values: [String: DeferredTensor]
}

extension ONNXModel {
  /// The layers that make the output of the last features: a dense layer (`Gemm`, or `MatMul` and `Add`),
  /// a 1 × 1 convolution of pooled features, or one whose output is pooled (Iandola et al. 2016,
  /// SqueezeNet, arXiv 1602.07360); then a factor, and a softmax. nil where the network ends otherwise.
  var head: ONNXHead? {
    guard outputs.count == 1, [nil, 2].contains(outputs[0].dimensions?.count) else { return nil }
    var way = WayBack(self)
    var tail: [NamedLayer] = []
    if way.step(over: ["Softmax"], where: { [nil, 1, -1].contains($0.integer("axis")) }) {
      tail.append(ActivationLayer(.softmax).named("softmax"))
    }
    if let factor = way.stepOverFactor() {
      tail.insert(Rescaling(factor).named("rescaling"), at: 0)
    }
    if let weights = way.denseWeights { return ONNXHead(weights, tail: tail, after: way) }
    while way.step(over: ["Flatten", "Reshape", "Squeeze"]) {}
    let isPooled = way.step(over: ["GlobalAveragePool"])
    let isRectified = isPooled && way.step(over: ["Relu"])
    guard let weights = way.pointwiseWeights else { return nil }
    guard isPooled else { return ONNXHead(weights, tail: tail, after: way) }
    tail.insert(GlobalAveragePool().named("pool"), at: 0)
    if isRectified { tail.insert(ActivationLayer(.relu).named("relu"), at: 0) }
    return ONNXHead(weights, isConvolution: true, tail: tail, after: way)
  }
}

extension ONNXHead {
  /// A layer's values as the file holds them.
  fileprivate struct Weights {
    let name: String
    let weight: ONNXTensor
    /// Whether the weights lie as [out, in], not as [in, out].
    let isOutFirst: Bool
    let bias: ONNXTensor?
    /// The value that it reads.
    let input: String

    var units: Int { weight.shape[isOutFirst ? 0 : 1] }
  }

  /// nil where nothing lies before it that features could come from.
  fileprivate init?(
    _ weights: Weights, isConvolution: Bool = false, tail: [NamedLayer], after way: WayBack
  ) {
    guard way.isPrivate(weights.input), way.maker[weights.input] != nil else { return nil }
    let suffix = ".weight"
    let stem = weights.name.hasSuffix(suffix) ? weights.name.dropLast(suffix.count) : "head"
    let clean = String(stem.map { $0 == "." || $0 == "/" ? "_" : $0 })
    let taken = ["", ONNXNetwork.defaultName] + tail.map(\.name)
    let name = taken.contains(clean) ? "head" : clean
    let units = weights.units
    let features = weights.weight.shape[weights.isOutFirst ? 1 : 0]
    let hasBias = weights.bias != nil
    let layer: any Layer =
      isConvolution ? Conv2D(units, 1, bias: hasBias) : Dense(units, bias: hasBias)
    input = weights.input
    layers = [layer.named(name)] + tail
    let shape: Shape = isConvolution ? [units, features, 1, 1] : [units, features]
    var values = [
      "\(name).weight": weights.isOutFirst
        ? weights.weight.deferred(as: shape) : DeferredTensor(weights.weight.transposed)
    ]
    values["\(name).bias"] = weights.bias?.deferred(as: [units])
    self.values = values
  }
}

/// The way from a network's output back, node by node, as long as nobody else reads what lies on it.
private struct WayBack {
  private let model: ONNXModel
  let maker: [String: ProtoNode]
  private let readers: [String: Int]
  /// The value that has been reached.
  private var value: String

  init(_ model: ONNXModel) {
    self.model = model
    var maker: [String: ProtoNode] = [:]
    var readers: [String: Int] = [:]
    for node in model.nodes {
      for output in node.output { maker[output] = node }
      for input in node.input { readers[input, default: 0] += 1 }
    }
    (self.maker, self.readers) = (maker, readers)
    value = model.outputs[0].name
    skipNames()
  }

  /// Whether one node at most reads a value.
  func isPrivate(_ value: String) -> Bool { readers[value, default: 0] <= 1 }

  /// The node that makes the value; nil where it is not one of ONNX's own.
  private var node: ProtoNode? {
    guard isPrivate(value), let node = maker[value],
      node.domain.isEmpty || node.domain == "ai.onnx",
      node.output.first == value, !node.input.isEmpty
    else { return nil }
    return node
  }

  /// Goes to what a node of some types reads first.
  mutating func step(
    over types: Set<String>, where isRight: (ProtoNode) -> Bool = { _ in true }
  ) -> Bool {
    guard let node, types.contains(node.opType), isRight(node) else { return false }
    value = node.input[0]
    skipNames()
    return true
  }

  /// Goes to what a node multiplies by one number, which it returns.
  mutating func stepOverFactor() -> Float? {
    guard let node, node.opType == "Mul", node.input.count == 2 else { return nil }
    for (other, factor) in [(0, 1), (1, 0)] {
      guard let known = floats(node.input[factor]), known.shape.count == 1 else { continue }
      value = node.input[other]
      skipNames()
      return known.scalars[0]
    }
    return nil
  }

  /// Some writers rename what comes out.
  private mutating func skipNames() {
    while let node, node.opType == "Identity" { value = node.input[0] }
  }

  // MARK: - Weights

  /// Those of the dense layer that makes the value.
  var denseWeights: ONNXHead.Weights? {
    guard let node else { return nil }
    switch node.opType {
    case "Gemm":
      guard node.input.count >= 2, (node.integer("transA") ?? 0) == 0,
        node.attribute.allSatisfy({ !["alpha", "beta"].contains($0.name) || $0.f == 1 })
      else { return nil }
      let bias = node.input.count > 2 && !node.input[2].isEmpty ? node.input[2] : nil
      return weights(
        node.input[1], bias: bias, isOutFirst: node.integer("transB") == 1, reads: node.input[0])
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

  private func weights(
    _ name: String, bias biasName: String?, isOutFirst: Bool, rank: Int = 2, reads input: String
  ) -> ONNXHead.Weights? {
    guard let weight = floats(name), weight.shape.rank == rank else { return nil }
    var bias: ONNXTensor?
    if let biasName {
      let units = weight.shape[isOutFirst ? 0 : 1]
      guard let held = floats(biasName), [[units], [1, units]].contains(held.shape) else {
        return nil
      }
      bias = held
    }
    return ONNXHead.Weights(
      name: name, weight: weight, isOutFirst: isOutFirst, bias: bias, input: input)
  }

  /// An initialiser that can be trained.
  private func floats(_ name: String) -> ONNXTensor? {
    guard let tensor = model.initializers[name], tensor.element.isFloat, !tensor.isAbsent,
      tensor.shape.count > 0
    else { return nil }
    return tensor
  }
}

extension ONNXTensor {
  /// The columns of a matrix as rows.
  fileprivate var transposed: Tensor {
    let (rows, columns, scalars) = (shape[0], shape[1], scalars)
    return Tensor(
      [columns, rows], (0..<scalars.count).map { scalars[$0 % rows * columns + $0 / rows] })
  }
}

extension ProtoNode {
  /// An attribute of one whole number.
  fileprivate func integer(_ name: String) -> Int64? { attribute.first { $0.name == name }?.i }
}
