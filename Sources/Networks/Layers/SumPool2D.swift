import Graphs
import Tensors

/// Sum pooling: the sum of each window, channel by channel. Padding cells are zeros.
///
/// Shapes: as `MaxPool2D`.
public struct SumPool2D: Layer {
  public static let defaultName = "pool"

  /// The height and width of a window.
  public var window: Size2D
  /// The window's own size where nil.
  public var strides: Size2D?
  /// The cells around the input.
  public var padding: PaddingMode

  /// Windows that do not overlap, unless a stride says otherwise.
  public init(_ window: Size2D, strides: Size2D? = nil, padding: PaddingMode = .valid) {
    self.window = window
    self.strides = strides
    self.padding = padding
  }

  public var description: String { "SumPool2D(\(window.brief))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let (strides, padding) = try context.resolvePooling(
      of: input, window: window, strides: strides, padding: padding)
    let mean = try context.apply(
      AveragePool(
        window: window, strides: strides, padding: padding, countsPadding: true),
      input)
    let area = context.graph.constant(Float(window.height * window.width))
    return try context.apply(Binary(.multiply), mean, area)
  }
}
