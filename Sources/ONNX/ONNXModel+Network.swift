import Graphs
import Networks
import Tensors

extension ONNXModel {
  /// A file's network as layers, and the values of their variables.
  public struct AsNetwork {
    public let network: Network
    /// By the names that the network gives its variables.
    public let values: [String: LazyTensor]
    /// Whether it takes samples as whole numbers, 0…255.
    public let takesBytes: Bool
  }

  /// The network as layers of ours: the file's nodes as one, but for the last layer of weights and what
  /// follows it, which become layers of their own, so that other classes can be learnt.
  ///
  /// - Parameters:
  ///   - size: height and width of the images, where the file leaves them free.
  ///   - wanted: the name of the output to take. Unless told, the first that looks like a classifier's:
  ///     one for that many classes, else one of probabilities, else one of scores.
  ///   - classCount: how many classes are expected, where that is known.
  /// - Throws: ``ONNXError/mismatch(_:)`` where the size is missing or not the file's own, or there is no
  ///   such output.
  public func network(
    size: (height: Int, width: Int)? = nil, output wanted: String? = nil, classCount: Int? = nil
  ) throws(ONNXError) -> AsNetwork {
    let inputs = try inputs.map { (port) throws(ONNXError) in
      NetworkInput(
        self.inputs.count == 1 ? Network.defaultInput : port.name, try inputShape(of: port, size))
    }
    guard let first = self.inputs.first else { throw .unsupported("a network without inputs") }
    let name = try output(called: wanted, classCount: classCount, inputs)
    var layers = [ONNXNetwork(self, output: name).named(ONNXNetwork.defaultName)]
    var values: [String: LazyTensor] = [:]
    if let head = head(of: name) {
      layers = [ONNXNetwork(self, output: head.input).named(ONNXNetwork.defaultName)] + head.layers
      values = head.values
    }
    for (name, tensor) in initializers where tensor.element.isFloat && tensor.shape.count > 1 {
      values["\(ONNXNetwork.defaultName).\(name)"] = tensor.deferred
    }
    return AsNetwork(
      network: Network(inputs: inputs, layers: layers), values: values,
      takesBytes: !first.element.isFloat)
  }

  // MARK: - Outputs

  private func output(
    called wanted: String?, classCount: Int?, _ inputs: [NetworkInput]
  ) throws(ONNXError) -> String {
    if let wanted {
      guard outputs.contains(where: { $0.name == wanted }) else {
        throw .mismatch(
          "the network has no output \(wanted); it has "
            + outputs.map(\.name).joined(separator: ", "))
      }
      return withoutQuantization(wanted)
    }
    let scores = outputs.filter { $0.element.isFloat || withoutQuantization($0.name) != $0.name }
    guard let first = scores.first else {
      let port = outputs[0]
      throw .unsupported(
        "its output \(port.name) holds whole numbers (\(port.element)), which are no scores of classes"
      )
    }
    if scores.count == 1 { return withoutQuantization(first.name) }
    var candidates: [(name: String, scores: ClassScores)] = []
    for port in scores {
      let name = withoutQuantization(port.name)
      let layer = ONNXNetwork(self, output: name).named(ONNXNetwork.defaultName)
      let network = Network(inputs: inputs, layers: [layer])
      let batch = self.inputs[0].fixedBatch ?? 1
      if let built = try? network.build(on: Graph(), batch: batch, mode: .inference),
        let scores = try? built.classScores()
      {
        candidates.append((name, scores))
      }
    }
    let chosen =
      candidates.first { $0.scores.classCount == classCount }
      ?? candidates.first { $0.scores.meaning != .logits } ?? candidates.first
    return chosen?.name ?? withoutQuantization(first.name)
  }

  /// The value that an output stands for before it was quantized.
  private func withoutQuantization(_ name: String) -> String {
    let maker = nodes.last { $0.output.first == name && $0.isStandard }
    guard let maker, maker.opType == "QuantizeLinear", let source = maker.input.first else {
      return name
    }
    return source
  }

  // MARK: - Input

  /// H×W×C, or F.
  private func inputShape(
    of port: Port, _ size: (height: Int, width: Int)?
  ) throws(ONNXError) -> Shape {
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
        "the input size is dynamic (\(port.shapeText)); set it with --size")
    }
    if let size, size != (height, width) {
      throw .mismatch("the network takes images of \(height)×\(width), not of another size")
    }
    return [height, width, channels]
  }
}

extension ONNXTensor {
  /// The elements as floats, decoded when they are needed.
  public var deferred: LazyTensor { deferred(as: shape) }

  /// The same under another shape of as many elements.
  func deferred(as shape: Shape) -> LazyTensor {
    precondition(shape.count == self.shape.count, "\(self.shape) as \(shape)")
    let own = self
    return LazyTensor(shape) { elements, target in own.read(elements, into: target) }
  }
}
