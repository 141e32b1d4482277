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

  /// The network as layers of ours: the file's nodes as one, but for the last layer of weights and what
  /// follows it, which become layers of their own, so that other classes can be learnt.
  ///
  /// - Parameter size: height and width of the pictures, where the file leaves them free.
  /// - Throws: ``ONNXError/mismatch(_:)`` where the size is missing or not the file's own.
  public func network(size: (height: Int, width: Int)? = nil) throws(ONNXError) -> AsNetwork {
    guard !inputs.isEmpty, outputs.count == 1 else {
      throw .unsupported(
        "a network of \(inputs.count) inputs and \(outputs.count) outputs; one output is expected")
    }
    let inputs = try inputs.map { (port) throws(ONNXError) in
      NetworkInput(
        self.inputs.count == 1 ? Network.defaultInput : port.name, try inputShape(of: port, size))
    }
    var layers: [NamedLayer] = []
    var values: [String: DeferredTensor] = [:]
    let body: ONNXNetwork
    if let head {
      body = ONNXNetwork(self, output: head.input)
      layers = [body.named(ONNXNetwork.defaultName)] + head.layers
      values = head.values
    } else {
      body = ONNXNetwork(self, output: outputs[0].name)
      layers = [body.named(ONNXNetwork.defaultName)]
    }
    for (name, tensor) in initializers where tensor.element.isFloat && tensor.shape.count > 1 {
      values["\(ONNXNetwork.defaultName).\(name)"] = tensor.deferred
    }
    return AsNetwork(network: Network(inputs: inputs, layers: layers), values: values)
  }

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
        "the network takes pictures of any size (\(port.shapeText)); say which with --size")
    }
    if let size, size != (height, width) {
      throw .mismatch("the network takes pictures of \(height)×\(width), not of another size")
    }
    return [height, width, channels]
  }
}

extension ONNXTensor {
  /// The elements as floats, decoded when they are needed.
  public var deferred: DeferredTensor { deferred(as: shape) }

  /// The same under another shape of as many elements.
  func deferred(as shape: Shape) -> DeferredTensor {
    precondition(shape.count == self.shape.count, "\(self.shape) as \(shape)")
    let own = self
    return DeferredTensor(shape) { elements, target in own.read(elements, into: target) }
  }
}
