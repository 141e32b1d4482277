import Tensors

/// Moves blocks of channels into space, so that an image gets larger and its channels fewer: the
/// sub-pixel rearrangement of W. Shi et al.: *Real-Time Single Image and Video Super-Resolution Using an
/// Efficient Sub-Pixel Convolutional Neural Network*. 2016, arXiv 1609.05158, eq. 4.
///
/// y[n, c, h · r + i, w · r + j] = x[n, c · r² + i · r + j, h, w], as PyTorch's `pixel_shuffle` and ONNX's
/// `DepthToSpace` in mode CRD order the channels.
///
/// Input: x [N, C · r², H, W]. Output: y [N, C, H · r, W · r].
public struct DepthToSpace: Operation {
  /// r: by how much height and width grow.
  public let factor: Int

  public init(factor: Int) {
    self.factor = factor
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(inputs[0], rank: 4, "an image batch N×C×H×W")
    try requireFactor(factor)
    let x = inputs[0]
    try require(
      x[1] % (factor * factor) == 0,
      "expected a multiple of \(factor * factor) channels, received \(x[1])")
    return [[x[0], x[1] / (factor * factor), x[2] * factor, x[3] * factor]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).applying(SpaceToDepth(factor: factor))]
  }
}

/// The inverse of ``DepthToSpace``: blocks of pixels become channels, as PyTorch's `pixel_unshuffle`.
///
/// Input: x [N, C, H · r, W · r]. Output: y [N, C · r², H, W].
public struct SpaceToDepth: Operation {
  /// r: by how much height and width shrink.
  public let factor: Int

  public init(factor: Int) {
    self.factor = factor
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(inputs[0], rank: 4, "an image batch N×C×H×W")
    try requireFactor(factor)
    let x = inputs[0]
    try require(
      x[2] % factor == 0 && x[3] % factor == 0,
      "expected a size that \(factor) divides, received \(x[2])×\(x[3])")
    return [[x[0], x[1] * factor * factor, x[2] / factor, x[3] / factor]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).applying(DepthToSpace(factor: factor))]
  }
}

extension Operation {
  fileprivate func requireFactor(_ factor: Int) throws(GraphError) {
    try require((1...64).contains(factor), "expected a factor of 1…64, received \(factor)")
  }
}
