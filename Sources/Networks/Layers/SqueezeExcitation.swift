import Graphs

/// Squeeze and excitation (Hu et al. 2017, arXiv 1709.01507): the mean of each channel goes through two
/// small layers, the first with swish, the second with a sigmoid, and the results scale the channels.
///
/// Shapes: kept, N × C × H × W.
/// Parameters: `fc1.weight` [squeezed, C, 1, 1], `fc1.bias`, `fc2.weight` [C, squeezed, 1, 1], `fc2.bias`.
public struct SqueezeExcitation: Layer {
  public static let defaultName = "squeeze"

  /// The numbers between the two layers.
  public var squeezed: Int

  /// Scales channels by what `squeezed` numbers say of their means.
  public init(_ squeezed: Int) {
    self.squeezed = squeezed
  }

  public var description: String { "SqueezeExcitation(\(squeezed))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    let means = try context.apply(Reduce(.mean, axes: [2, 3], keepsAxes: true), input)
    let layers = [
      Conv2D(squeezed, 1, activation: .swish, initializer: .heNormal).named("fc1"),
      Conv2D(input.shape[1], 1, activation: .sigmoid, initializer: .heNormal).named("fc2"),
    ]
    return try context.apply(Binary(.multiply), input, context.run(layers, on: means))
  }
}
