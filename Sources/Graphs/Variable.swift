import Tensors

/// A tensor that outlives a run: a parameter, which training changes, or a state such as a running
/// mean, which only assignments change.
public struct Variable: Hashable, Sendable {
  /// The path by which model files know it: "layer1.0.conv1.weight".
  public let name: String
  public let shape: Shape
  /// Whether an optimizer changes it.
  public let isTrainable: Bool
  /// How its first value is drawn.
  public let initializer: Initializer
  public let fanIn: Int
  public let fanOut: Int

  /// A first value. It depends on the seed and stream of `random` and on the name alone, so that
  /// a layer added elsewhere changes no other layer's values.
  public func initialValue(random: RandomSource) -> Tensor {
    var stream = random.split(name)
    return initializer.tensor(shape: shape, fanIn: fanIn, fanOut: fanOut, random: &stream)
  }
}
