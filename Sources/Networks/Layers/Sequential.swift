import Graphs

/// Layers one after the other under a common name.
public struct Sequential: Layer {
  public static let defaultName = "block"
  public static let isContainer = true

  /// From the input to the output.
  public var layers: [NamedLayer]

  /// Collects layers: `Sequential { Conv2D(16, 3); BatchNorm() }.named("features")`.
  public init(
    naming: LayerNaming = .byType, @LayerBuilder _ layers: () -> [LayerBuilder.Element]
  ) {
    self.layers = [NamedLayer](layers(), naming: naming)
  }

  public var description: String { "Sequential" }

  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self {
    var copy = self
    copy.layers = layers.replacing(replace)
    return copy
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.run(layers, on: input)
  }
}
