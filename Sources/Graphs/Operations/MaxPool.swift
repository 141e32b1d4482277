import Tensors

/// The largest element of each window; cells in the padding do not count.
///
/// Input: x [N, C, H, W]. Output: y [N, C, H', W'], sized as a convolution's. A window that lies in
/// the padding alone, which only dilation allows, gives −∞.
public struct MaxPool: Operation {
  public let window: Size2D
  public let strides: Size2D
  public let padding: EdgePadding
  public let dilation: Size2D

  /// - Parameter strides: nil for windows side by side.
  public init(
    window: Size2D, strides: Size2D? = nil, padding: EdgePadding = 0, dilation: Size2D = 1
  ) {
    self.window = window
    self.strides = strides ?? window
    self.padding = padding
    self.dilation = dilation
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    let size = try WindowRule.outputSize(
      self, image: inputs[0], window: window, strides: strides, padding: padding,
      dilation: dilation)
    try WindowRule.requireSmaller(padding, than: window, dilation, self)
    return [[inputs[0][0], inputs[0][1], size.height, size.width]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    return [try request.inputs[0].applying(MaxPoolGradient(of: self), upstream)]
  }
}

/// The gradient of max pooling: each dy added where its window's largest element lies, the first
/// one in row-major order where several are equal.
///
/// Inputs: x [N, C, H, W], dy [N, C, H', W']. Output: dx [N, C, H, W].
public struct MaxPoolGradient: Operation {
  public let pool: MaxPool

  public init(of pool: MaxPool) {
    self.pool = pool
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    try require(inputs[1], equals: try pool.outputShapes([inputs[0]])[0], "an output gradient")
    return [inputs[0]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    throw failure("has no second derivative here; use strided convolutions or average pooling")
  }
}
