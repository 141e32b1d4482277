import Graphs
import Tensors

/// Local response normalization (Krizhevsky et al. 2012, §3.3): each number is divided by a power of the
/// sum of squares over `size` neighboring channels at the same position,
///
///     y[c] = x[c] / (k + alpha · Σ x[c']²)^beta,   |c' − c| ≤ size / 2.
///
/// `alpha` is not divided by the size, as in the paper; ONNX and PyTorch divide, so there the same layer
/// has `size` times the value.
///
/// Shapes: kept, N × C × H × W.
public struct LocalResponseNorm: Layer {
  public static let defaultName = "norm"

  /// How many channels are summed over, an odd number.
  public var size: Int
  /// Added to the sum.
  public var k: Float
  /// The weight of the sum.
  public var alpha: Float
  /// The exponent.
  public var beta: Float

  /// The paper's constants unless told otherwise.
  public init(size: Int = 5, k: Float = 2, alpha: Float = 1e-4, beta: Float = 0.75) {
    self.size = size
    self.k = k
    self.alpha = alpha
    self.beta = beta
  }

  public var description: String { "LocalResponseNorm(\(size))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(size, "size", in: Limit.window)
    guard size % 2 == 1, k > 0, alpha >= 0 else {
      throw context.failure(
        "size \(size), k \(k), alpha \(alpha): expected an odd size, a positive k and an alpha of 0 "
          + "or more")
    }
    return try context.graphed { (graph) throws(GraphError) in
      // Channels as rows of one image: their mean over a window, the cells outside counted as zeros.
      let shape = input.shape
      let rows: Shape = [shape[0], 1, shape[1], shape[2] * shape[3]]
      let pool = AveragePool(
        window: Size2D(height: size, width: 1), strides: 1,
        padding: EdgePadding(height: size / 2, width: 0))
      let mean = try input.map(.square).reshaped(to: rows).applying(pool).reshaped(to: shape)
      let base = try mean * (alpha * Float(size)) + k
      return try input * base.combined(.power, graph.constant(-beta))
    }
  }
}
