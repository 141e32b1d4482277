import Graphs

/// A residual block (He et al. 2015, arXiv 1512.03385): y = activation(body(x) + shortcut(x)).
///
/// Shapes: body and shortcut must agree; without a shortcut the body keeps its input's shape.
/// The body's layers are named directly below the block (`layer1.0.conv1`), the shortcut's below
/// `downsample`, as torchvision does.
public struct Residual: Layer {
  public static let defaultName = "residual"

  /// What computes the change to the input.
  public var body: [NamedLayer]
  /// Empty where the input itself is added.
  public var shortcut: [NamedLayer]
  /// What is applied to the result.
  public var activation: Activation

  /// Adds the input, or what the shortcut makes of it, to what the body makes of it.
  public init(
    activation: Activation = .linear, @LayerBuilder _ body: () -> [LayerBuilder.Element],
    @LayerBuilder shortcut: () -> [LayerBuilder.Element] = { [] }
  ) {
    self.body = [NamedLayer](body(), naming: .byType)
    self.shortcut = [NamedLayer](shortcut(), naming: .byIndex)
    self.activation = activation
  }

  public var description: String { "Residual" }

  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self {
    var copy = self
    copy.body = body.replacing(replace)
    copy.shortcut = shortcut.replacing(replace)
    return copy
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let lengths = context.lengths
    let change = try context.run(body, on: input)
    context.lengths = lengths
    let kept = try context.run(shortcut, under: "downsample", on: input)
    guard change.shape == kept.shape else {
      throw context.failure(
        "the body makes \(change.shape.channelsLast), the shortcut \(kept.shape.channelsLast); "
          + "give the shortcut a convolution of kernel 1 that makes them equal")
    }
    if let first = change.imageBehindSeries, let second = kept.imageBehindSeries {
      let sum = try added(first, second, in: &context)
      return try context.series(of: sum)
    }
    return try added(change, kept, in: &context)
  }

  private func added(
    _ change: Node, _ kept: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.activate(context.apply(Binary(.add), change, kept), activation)
  }
}
