import Graphs
import Tensors

/// Puts the input's channels before those that the body makes of it (U-Net's skip connection; Ronneberger et
/// al. 2015, arXiv 1505.04597, §2). Where convolutions without padding make the body's result smaller, the
/// middle of the input is taken.
///
/// Shapes: N × C₁ × H₁ × W₁, of which the body makes N × C₂ × H₂ × W₂ → N × (C₁ + C₂) × H₂ × W₂.
/// The body's layers are named directly below the connection.
public struct SkipConnection: Layer {
  public static let defaultName = "skip"

  /// What computes the channels that come behind.
  public var body: [NamedLayer]

  /// `SkipConnection { MaxPool2D(2); …; Conv2DTranspose(64, 2, strides: 2) }`.
  public init(@LayerBuilder _ body: () -> [LayerBuilder.Element]) {
    self.body = [NamedLayer](body(), naming: .byType)
  }

  public var description: String { "SkipConnection" }

  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self {
    var copy = self
    copy.body = body.replacing(replace)
    return copy
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    let inner = try context.run(body, on: input)
    let (outside, inside) = (input.shape, inner.shape)
    guard inside.rank == 4, inside[0] == outside[0], inside[2] <= outside[2],
      inside[3] <= outside[3]
    else {
      throw context.failure(
        "the body makes \(inside.channelsLast) of \(outside.channelsLast): expected an image that is "
          + "not larger")
    }
    var kept = input
    if (inside[2], inside[3]) != (outside[2], outside[3]) {
      let (top, left) = ((outside[2] - inside[2]) / 2, (outside[3] - inside[3]) / 2)
      kept = try context.apply(
        Slice(
          starts: [0, 0, top, left],
          ends: [outside[0], outside[1], top + inside[2], left + inside[3]]), kept)
    }
    return try context.apply(Graphs.Concatenate(axis: 1), kept, inner)
  }
}
