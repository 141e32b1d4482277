import Tensors

extension Shape {
  /// The shape of one element of a batch as people write it: H×W×C of N × C × H × W, L×C of
  /// N × C × L, F of N × F.
  public var channelsLast: Shape {
    guard rank > 1 else { return self }
    return Shape(Array(dimensions[2...]) + [dimensions[1]])
  }

  /// The graph's N × C × … of a shape written H×W×C, L×C or F.
  public func batched(_ batch: Int) -> Shape {
    guard let channels = dimensions.last else { return [batch] }
    return Shape([batch, channels] + dimensions.dropLast())
  }
}
