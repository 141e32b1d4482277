import Graphs
import Tensors

/// Gives an element's numbers another shape, in the graph's order (channel after channel).
///
/// Shapes: N × … → N × channels × height × width for `Reshape([height, width, channels])`;
/// `[length, channels]` and `[features]` likewise.
public struct Reshape: Layer {
  public static let defaultName = "reshape"

  /// The element's new shape: height, width, channels.
  public var shape: [Int]

  /// A shape as networks state it, channels last: `Reshape([1, 1, 100])`.
  public init(_ shape: [Int]) {
    self.shape = shape
  }

  public var description: String { "Reshape(\(shape))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    for extent in shape { try context.require(extent, "extent", in: Limit.count) }
    let target = Shape(shape).batched(input.shape[0])
    guard !shape.isEmpty, target.count == input.shape.count else {
      throw context.mismatch(
        expected: "\(Shape(shape).count) numbers for \(Shape(shape))", received: input)
    }
    return try context.apply(Graphs.Reshape(target), input)
  }
}
