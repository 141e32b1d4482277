import Graphs
import Tensors

/// Makes an image larger by a whole factor with Keys's cubic convolution (R. Keys: *Cubic convolution
/// interpolation for digital image processing*. 1981, a = −0.5): what MATLAB's `imresize` does. It learns
/// nothing; an upscaler learns what is to be added to it.
///
/// A convolution with constant kernels, one for each place of a pixel within its block, then ``PixelShuffle``.
/// Beyond the border the image counts as 0.
///
/// Shapes: N × C × H × W → N × C × factor·H × factor·W.
public struct BicubicUpsample2D: Layer {
  public static let defaultName = "bicubic"

  /// By how much height and width grow: 2…4.
  public var factor: Int

  /// `BicubicUpsample2D(2)` doubles height and width.
  public init(_ factor: Int) {
    self.factor = factor
  }

  public var description: String { "BicubicUpsample2D(\(factor))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(factor, "factor", in: 2...4)
    let kernel = Self.kernel(factor: factor, channels: input.shape[1])
    let phases = try context.graphed { graph throws(GraphError) in
      try graph.apply(
        Convolution(strides: 1, padding: EdgePadding(Self.reach), dilation: 1, groups: 1),
        [input, graph.constant(kernel)])
    }
    return try context.apply(DepthToSpace(factor: factor), phases[0])
  }

  /// Pixels to each side that a result depends on.
  static let reach = 2

  /// Kernels C·factor² × C × 5 × 5, those between different channels zero.
  static func kernel(factor: Int, channels: Int) -> Tensor {
    let side = 2 * reach + 1
    let lines = (0..<factor).map { line(phase: $0, of: factor) }
    var kernel = Tensor.zeros([channels * factor * factor, channels, side, side])
    for channel in 0..<channels {
      for (i, down) in lines.enumerated() {
        for (j, across) in lines.enumerated() {
          let output = (channel * factor + i) * factor + j
          for y in 0..<side {
            for x in 0..<side { kernel[output, channel, y, x] = down[y] * across[x] }
          }
        }
      }
    }
    return kernel
  }

  /// The weights of the pixels from −2 to 2 for a place within a pixel.
  static func line(phase: Int, of factor: Int) -> [Float] {
    let place = (Double(phase) + 0.5) / Double(factor) - 0.5
    return (-reach...reach).map { Float(cubic(Double($0) - place)) }
  }

  private static func cubic(_ distance: Double) -> Double {
    let (a, x) = (-0.5, abs(distance))
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}
