import Tensors

/// The cross-entropy of each sample, from logits: loss[n, …] = −Σₖ targets[n, k, …] · log softmax(logits)[n, k, …].
///
/// Inputs: logits [N, K, …], targets [N, K, …] (class probabilities: one-hot or smoothed; times a weight
/// where samples count differently). Output: loss [N, …]: a number for each element, or, of images, for each
/// pixel.
public struct SoftmaxCrossEntropy: Operation {
  public init() {}

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    try require(
      inputs[0].rank >= 2, "expected logits N×K with 2 axes or more, received \(inputs[0])")
    try require(inputs[1], equals: inputs[0], "targets")
    return [Self.lossShape(inputs[0])]
  }

  /// The shape without the axis of the classes.
  static func lossShape(_ logits: Shape) -> Shape {
    Shape([logits[0]] + logits.dimensions.dropFirst(2))
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (logits, targets) = (request.inputs[0], request.inputs[1])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        try logits.applying(SoftmaxCrossEntropyGradient(), targets, upstream)
      },
      try request.ifNeeded(1) { () throws(GraphError) in
        try -(logits.applying(LogSoftmax(axis: 1)) * upstream.alongClasses(of: logits))
      },
    ]
  }
}

/// The gradient of the cross-entropy with respect to logits:
///
///     dlogits[n, k, …] = (softmax(logits)[n, k, …] · Σⱼ targets[n, j, …] − targets[n, k, …]) · dloss[n, …]
///
/// where the sum is 1 for targets that are probabilities.
///
/// Inputs: logits [N, K, …], targets [N, K, …], dloss [N, …]. Output: dlogits [N, K, …].
public struct SoftmaxCrossEntropyGradient: Operation {
  public init() {}

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 3)
    try require(
      inputs[0].rank >= 2, "expected logits N×K with 2 axes or more, received \(inputs[0])")
    try require(inputs[1], equals: inputs[0], "targets")
    try require(inputs[2], equals: SoftmaxCrossEntropy.lossShape(inputs[0]), "a loss gradient")
    return [inputs[0]]
  }

  /// The formula above, composed of elementary operations and differentiated.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let (logits, targets, upstream) = (request.inputs[0], request.inputs[1], request.inputs[2])
    let total = try targets.sum(axes: [1], keepsAxes: true)
    let difference = try logits.applying(Softmax(axis: 1)) * total - targets
    let gradient = try difference * upstream.alongClasses(of: logits)
    return try logits.graph.gradients(
      throughComposition: [gradient], of: request)
  }
}

extension Node {
  /// A number for each sample in a shape that broadcasts along the classes of some logits.
  fileprivate func alongClasses(of logits: Node) throws(GraphError) -> Node {
    try reshaped(to: logits.shape.replacing(axis: 1, with: 1))
  }
}
