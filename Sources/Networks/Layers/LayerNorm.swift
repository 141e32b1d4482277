import Graphs
import Tensors

/// Layer normalization (Ba et al. 2016, arXiv 1607.06450): each element of the batch is brought
/// to mean 0 and variance 1 over all its numbers, then each number is scaled and shifted.
///
/// Shapes: kept.
/// Parameters: `weight`, `bias` of the element's own shape in the graph ([F], [C, H, W]).
public struct LayerNorm: Layer {
  public static let defaultName = "norm"

  /// Added to the variance, so that no division by zero happens.
  public var epsilon: Float

  /// Normalizes each element on its own.
  public init(epsilon: Float = 1e-5) {
    self.epsilon = epsilon
  }

  public var description: String { "LayerNorm()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard epsilon > 0 else { throw context.failure("epsilon \(epsilon): expected a positive one") }
    let element = Shape(Array(input.shape.dimensions.dropFirst()))
    let scale = try context.parameter("weight", element, .constant(1))
    let shift = try context.parameter("bias", element, .zeros)
    return try context.apply(
      LayerNormalization(axis: 1, epsilon: epsilon), input, scale, shift)
  }
}
