import Graphs
import Tensors

/// A first convolution whose kernels make the image's patches uncorrelated and of equal variance
/// (Krizhevsky and Hinton 2009; as a fixed layer in K. Jordan, *94% on CIFAR-10 in 3.29 Seconds
/// on a Single GPU*, 2024, arXiv 2404.00498 §3.1).
///
/// The kernels are not trained but adapted to the data beforehand: for the patches' covariance with eigenvectors vᵢ and eigenvalues λᵢ, kernel i is
/// vᵢ / √(λᵢ + ε) and kernel C·k²+i its negative, so that a rectifier keeps both signs. Until
/// then it holds random numbers.
///
/// Shapes: N × C × H × W → N × 2·C·k² × (H − k + 1) × (W − k + 1).
/// State: `weight` [2·C·k², C, k, k]. Parameters: `bias` [2·C·k²].
public struct Whitening: AdaptedLayer {
  public static let defaultName = "whitening"

  /// The side of the patches.
  public var kernel: Int

  /// Patches of `kernel` × `kernel` pixels.
  public init(_ kernel: Int = 2) {
    self.kernel = kernel
  }

  public var description: String { "Whitening(\(kernel))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(kernel, "kernel", in: 1...64)
    try context.requireFit(
      of: Size2D(kernel), dilation: 1, padding: 0, over: input, called: "kernel")
    let patch = saturatingProduct(input.shape[1], kernel * kernel)
    try context.require(patch, "patch", in: 1...(1 << 20))
    let deviation = 1 / Float(patch).squareRoot()
    let weight = try context.buffer(
      "weight", [2 * patch, input.shape[1], kernel, kernel], .normal(std: deviation))
    let bias = try context.parameter("bias", [2 * patch], .zeros)
    let output = try context.apply(Convolution(), input, weight)
    context.countMultiplyAdds(outputs: output.shape.count, terms: patch)
    return try context.addBias(bias, to: output)
  }

  public func values(adaptedTo input: Tensor) -> [(name: String, value: Tensor)] {
    let filters = input.withUnsafeBufferPointer {
      PatchWhitening.filters(images: $0, shape: input.shape, window: kernel)
    }
    return [("weight", filters)]
  }
}
