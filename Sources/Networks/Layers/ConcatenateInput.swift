import Graphs
import Tensors

/// Puts another of the network's inputs behind the channels, such as the class that a conditional
/// generator is to draw (Mirza and Osindero 2014, "Conditional Generative Adversarial Nets", arXiv
/// 1411.1784).
///
/// Shapes: N × C₁ and an input of N × C₂ → N × (C₁ + C₂); N × C₁ × H × W and N × C₂ × H × W, or N × C₂,
/// which is repeated at every position, → N × (C₁ + C₂) × H × W.
public struct ConcatenateInput: Layer {
  public static let defaultName = "join"

  /// The input's name.
  public var input: String

  /// Joins the input of that name to the channels.
  public init(_ input: String) {
    self.input = input
  }

  public var description: String { "ConcatenateInput(\(input))" }

  public func callAsFunction(
    _ node: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    var other = try context.input(named: input)
    let shape = node.shape
    if other.shape.rank == 2, shape.rank > 2 {
      let places = [Int](repeating: 1, count: shape.rank - 2)
      other = try context.apply(Graphs.Reshape(Shape(other.shape.dimensions + places)), other)
      let repeated = Shape([shape[0], other.shape[1]] + shape.dimensions.dropFirst(2))
      other = try context.apply(Broadcast(repeated), other)
    }
    guard other.shape.rank == shape.rank,
      other.shape.replacing(axis: 1, with: 1) == shape.replacing(axis: 1, with: 1)
    else {
      throw context.failure(
        "expected an input \(input) of the same size as \(shape.channelsLast), received "
          + "\(other.shape.channelsLast)")
    }
    return try context.apply(Graphs.Concatenate(axis: 1), node, other)
  }
}
