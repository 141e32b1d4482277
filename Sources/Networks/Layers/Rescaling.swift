import Graphs
import Tensors

/// y = x · scale + offset: `Rescaling(1 / 255)` brings pixel values to 0…1.
///
/// Shapes: kept.
public struct Rescaling: RawPixelLayer {
  public static let defaultName = "rescaling"

  /// The factor.
  public var scale: Float
  /// What is added after the factor.
  public var offset: Float

  /// Multiplies by `scale`, then adds `offset`.
  public init(_ scale: Float, offset: Float = 0) {
    self.scale = scale
    self.offset = offset
  }

  public var description: String { "Rescaling(\(scale))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard scale.isFinite, offset.isFinite else {
      throw context.failure("scale \(scale), offset \(offset): expected finite numbers")
    }
    let scaled = try context.apply(
      Binary(.multiply), input, context.graph.constant(scale))
    if offset == 0 { return scaled }
    return try context.apply(Binary(.add), scaled, context.graph.constant(offset))
  }
}
