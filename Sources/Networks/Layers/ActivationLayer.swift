import Graphs

/// An activation as a layer of its own: `ActivationLayer(.leakyReLU(slope: 0.2))`.
///
/// Shapes: kept (maxout: fewer channels).
/// Parameters: `slope` [C] for parametric ReLU.
public struct ActivationLayer: Layer {
  public static let defaultName = "activation"

  /// What is applied to the result.
  public var activation: Activation

  /// Applies the activation.
  public init(_ activation: Activation) {
    self.activation = activation
  }

  public var description: String { "ActivationLayer(\(activation))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.activate(input, activation)
  }
}
