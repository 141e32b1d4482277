import Graphs

/// A classifier on the side (Szegedy et al. 2014, arXiv 1409.4842, §5): its input goes on unchanged; in
/// training its layers make logits of it as well, whose loss is added to that of the network's end with
/// `weight`. In inference nothing of it is left, not even its variables.
///
/// Shapes: kept; its layers make N × classes.
public struct Auxiliary: Layer {
  public static let defaultName = "auxiliary"

  /// The share of its loss.
  public var weight: Float
  /// From the input to its logits.
  public var layers: [NamedLayer]

  /// `Auxiliary(weight: 0.3) { …; Dense(classes) }.named("aux1")`.
  public init(weight: Float, @LayerBuilder _ layers: () -> [LayerBuilder.Element]) {
    self.weight = weight
    self.layers = [NamedLayer](layers(), naming: .byType)
  }

  public var description: String { "Auxiliary(\(weight))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard context.mode == .training else { return input }
    let logits = try context.run(layers, on: input)
    context.noteAuxiliary(logits, weight: weight)
    return input
  }
}
