import Graphs
import Tensors

/// Average pooling: the mean of each window, channel by channel. Padding cells are not counted.
///
/// Shapes: as `MaxPool2D`.
public struct AveragePool2D: Layer {
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

  public var description: String { "AveragePool2D(\(window.brief))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let (strides, padding) = try context.resolvePooling(
      of: input, window: window, strides: strides, padding: padding)
    return try context.apply(
      AveragePool(
        window: window, strides: strides, padding: padding, countsPadding: false),
      input)
  }
}
