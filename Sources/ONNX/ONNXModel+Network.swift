import Graphs
import Networks
import Tensors

extension ONNXModel {
  /// A file's network as layers, and the values of their variables.
  public struct AsNetwork {
    public let network: Network
    /// By the names that the network gives its variables.
    public let values: [String: DeferredTensor]
  }

  /// The network as layers of ours: the file's nodes as one, but for a last dense layer of weights (and
  /// softmax), which becomes a layer of its own, so that other classes can be learnt.
  ///
  /// - Parameter size: height and width of the pictures, where the file leaves them free.
  /// - Throws: ``ONNXError/mismatch(_:)`` where the size is missing or not the file's own.
  public func network(size: (height: Int, width: Int)? = nil) throws(ONNXError) -> AsNetwork {
    guard inputs.count == 1, outputs.count == 1 else {
      throw .unsupported(
        "a network of \(inputs.count) inputs and \(outputs.count) outputs; one of each is expected")
    }
    let input = try inputShape(size)
    var layers: [NamedLayer] = []
    var values: [String: DeferredTensor] = [:]
    let body: ONNXNetwork
    if let head = denseHead {
      body = ONNXNetwork(self, output: head.input)
      layers = [
        body.named(ONNXNetwork.defaultName),
        Dense(
          head.weight.shape[0], bias: head.bias != nil,
          activation: head.hasSoftmax ? .softmax : .linear
        ).named(head.name),
      ]
      values["\(head.name).weight"] = head.weight.deferred
      values["\(head.name).bias"] = head.bias?.deferred
    } else {
      body = ONNXNetwork(self, output: outputs[0].name)
      layers = [body.named(ONNXNetwork.defaultName)]
    }
    for (name, tensor) in initializers where tensor.element.isFloat && tensor.shape.count > 1 {
      values["\(ONNXNetwork.defaultName).\(name)"] = tensor.deferred
    }
    return AsNetwork(network: Network(input: input, layers: layers), values: values)
  }

  /// H×W×C, or F.
  private func inputShape(_ size: (height: Int, width: Int)?) throws(ONNXError) -> Shape {
    let port = inputs[0]
    guard let dimensions = port.dimensions, [2, 4].contains(dimensions.count) else {
      throw .unsupported("an input of \(port.shapeText); N×C×H×W or N×F is expected")
    }
    func fixed(_ axis: Int) -> Int? {
      if case .fixed(let extent) = dimensions[axis] { extent } else { nil }
    }
    if dimensions.count == 2 {
      guard let features = fixed(1) else {
        throw .unsupported("an input of \(port.shapeText), which does not say how many features")
      }
      return [features]
    }
    let axes = port.isChannelsLast ? (1, 2, 3) : (2, 3, 1)
    guard let channels = fixed(axes.2) else {
      throw .unsupported("an input of \(port.shapeText), which does not say how many channels")
    }
    if fixed(axes.0) == 1, fixed(axes.1) == 1 { return [channels] }
    guard let height = fixed(axes.0) ?? size?.height, let width = fixed(axes.1) ?? size?.width
    else {
      throw .mismatch(
        "the network takes pictures of any size (\(port.shapeText)); say which with --size")
    }
    if let size, size != (height, width) {
      throw .mismatch("the network takes pictures of \(height)×\(width), not of another size")
    }
    return [height, width, channels]
  }

  // MARK: - The head

  private struct DenseHead {
    let name: String
    /// The value that it reads.
    let input: String
    let weight: ONNXTensor
    let bias: ONNXTensor?
    let hasSoftmax: Bool
  }

  /// The dense layer of initialisers that the network ends in: `Gemm` with weights as [out, in].
  private var denseHead: DenseHead? {
    func maker(of name: String) -> ProtoNode? {
      guard let node = nodes.first(where: { $0.output.contains(name) }) else { return nil }
      // Some writers rename what comes out.
      guard node.opType == "Identity", let source = node.input.first else { return node }
      return nodes.first { $0.output.contains(source) }
    }
    func integer(_ node: ProtoNode, _ name: String) -> Int64? {
      node.attribute.first { $0.name == name }?.i
    }
    guard var node = maker(of: outputs[0].name) else { return nil }
    var hasSoftmax = false
    if node.opType == "Softmax", node.domain.isEmpty, [nil, 1, -1].contains(integer(node, "axis")),
      let source = node.input.first, let before = maker(of: source)
    {
      hasSoftmax = true
      node = before
    }
    guard node.opType == "Gemm", node.domain.isEmpty, node.input.count >= 2,
      integer(node, "transB") == 1, (integer(node, "transA") ?? 0) == 0,
      node.attribute.allSatisfy({ !["alpha", "beta"].contains($0.name) || $0.f == 1 }),
      let weight = initializers[node.input[1]], weight.element.isFloat, weight.shape.rank == 2,
      maker(of: node.input[0]) != nil,
      nodes.filter({ $0.input.contains(node.input[0]) }).count == 1
    else { return nil }
    var bias: ONNXTensor?
    if node.input.count > 2, !node.input[2].isEmpty {
      bias = initializers[node.input[2]]
      guard bias?.shape == [weight.shape[0]] else { return nil }
    }
    let suffix = ".weight"
    let stem = weight.name.hasSuffix(suffix) ? weight.name.dropLast(suffix.count) : "head"
    let name = String(stem.map { $0 == "." || $0 == "/" ? "_" : $0 })
    return DenseHead(
      name: name.isEmpty || name == ONNXNetwork.defaultName ? "head" : name, input: node.input[0],
      weight: weight, bias: bias, hasSoftmax: hasSoftmax)
  }
}

extension ONNXTensor {
  /// The elements as floats, decoded when they are needed.
  public var deferred: DeferredTensor {
    let own = self
    return DeferredTensor(shape) { elements, target in own.read(elements, into: target) }
  }
}
