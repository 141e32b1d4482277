import Tensors

/// Enlarges images by whole factors.
///
/// Nearest repeats each cell. Bilinear aligns the centers of cells: output cell i lies at
/// (i + ½) / factor − ½ of the input, the edge is repeated (PyTorch's `align_corners=False`).
///
/// Input: x [N, C, H, W]. Output: y [N, C, H · factor.height, W · factor.width].
public struct Upsample: Operation {
  public enum Mode: String, Sendable, Codable {
    case nearest, bilinear
  }

  public let factor: Size2D
  public let mode: Mode

  public init(factor: Size2D, mode: Mode) {
    self.factor = factor
    self.mode = mode
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(inputs[0], rank: 4, "an image batch N×C×H×W")
    try require(factor.isUsable, "expected factors of at least 1, received \(factor)")
    let x = inputs[0]
    return [[x[0], x[1], x[2] * factor.height, x[3] * factor.width]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).applying(UpsampleGradient(of: self))]
  }
}

/// The gradient of upsampling: each dy added to the cells that it was made of, by their weights.
///
/// Input: dy [N, C, H · factor.height, W · factor.width]. Output: dx [N, C, H, W].
public struct UpsampleGradient: Operation {
  public let upsample: Upsample

  public init(of upsample: Upsample) {
    self.upsample = upsample
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(inputs[0], rank: 4, "an image batch N×C×H×W")
    let (dy, factor) = (inputs[0], upsample.factor)
    try require(factor.isUsable, "expected factors of at least 1, received \(factor)")
    try require(
      dy[2] % factor.height == 0 && dy[3] % factor.width == 0,
      "expected a size that \(factor) divides, received \(dy[2])×\(dy[3])")
    return [[dy[0], dy[1], dy[2] / factor.height, dy[3] / factor.width]]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).applying(upsample)]
  }
}
