import Tensors

/// The mean of each window.
///
/// Input: x [N, C, H, W]. Output: y [N, C, H', W'], sized as a convolution's.
public struct AveragePool: Operation {
  public let window: Size2D
  public let strides: Size2D
  public let padding: EdgePadding
  /// Whether cells in the padding count as zeros, or not at all.
  public let countsPadding: Bool

  /// - Parameter strides: nil for windows side by side.
  public init(
    window: Size2D, strides: Size2D? = nil, padding: EdgePadding = 0, countsPadding: Bool = true
  ) {
    self.window = window
    self.strides = strides ?? window
    self.padding = padding
    self.countsPadding = countsPadding
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    let size = try WindowRule.outputSize(
      self, image: inputs[0], window: window, strides: strides, padding: padding, dilation: 1)
    try WindowRule.requireSmaller(padding, than: window, 1, self)
    return [[inputs[0][0], inputs[0][1], size.height, size.width]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let gradient = AveragePoolGradient(of: self, inputShape: request.inputs[0].shape)
    return [try upstream.applying(gradient)]
  }
}

/// The gradient of average pooling: each dy shared out evenly over its window.
///
/// Input: dy [N, C, H', W']. Output: dx [N, C, H, W].
public struct AveragePoolGradient: Operation {
  public let pool: AveragePool
  public let inputShape: Shape

  public init(of pool: AveragePool, inputShape: Shape) {
    self.pool = pool
    self.inputShape = inputShape
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(inputs[0], equals: try pool.outputShapes([inputShape])[0], "an output gradient")
    return [inputShape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).applying(pool)]
  }
}
