import Graphs
import Tensors

/// Average pooling to a given size, whatever the input's (PyTorch's `AdaptiveAvgPool2d`): output row i is
/// the mean of the input rows ⌊i · H / height⌋ up to, but not including, ⌈(i + 1) · H / height⌉, and
/// likewise for columns. A smaller input is enlarged by it.
///
/// Shapes: N × C × H × W → N × C × height × width.
public struct AdaptiveAveragePool2D: Layer {
  public static let defaultName = "pool"

  /// The height and width of the output.
  public var size: Size2D

  /// `AdaptiveAveragePool2D(7)` makes 7 × 7 maps.
  public init(_ size: Size2D) {
    self.size = size
  }

  public var description: String { "AdaptiveAveragePool2D(\(size.brief))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(size, "size")
    let (height, width) = (input.shape[2], input.shape[3])
    if height == size.height, width == size.width { return input }
    if height % size.height == 0, width % size.width == 0 {
      let window = Size2D(height: height / size.height, width: width / size.width)
      return try context.apply(AveragePool(window: window), input)
    }
    // Windows of different sizes: the mean along each axis is a product with a constant matrix.
    let rows = context.graph.constant(Self.means(of: height, into: size.height))
    let columns = context.graph.constant(Self.means(of: width, into: size.width))
    let shorter = try context.apply(MatrixMultiply(), rows, input)
    return try context.apply(MatrixMultiply(transposeRight: true), shorter, columns)
  }

  /// The matrix [outputs, inputs] whose product with a column of `inputs` numbers gives the means.
  private static func means(of inputs: Int, into outputs: Int) -> Tensor {
    var matrix = Tensor([outputs, inputs], repeating: 0)
    for output in 0..<outputs {
      let start = output * inputs / outputs
      let end = ((output + 1) * inputs + outputs - 1) / outputs
      for input in start..<end { matrix[output, input] = 1 / Float(end - start) }
    }
    return matrix
  }
}
