import Graphs
import Tensors

/// Max pooling: the largest number of each window, channel by channel.
///
/// Shapes: N × C × H × W → N × C × H' × W', H' = ⌊(H + top + bottom − window) / stride⌋ + 1.
/// Padding cells never win.
public struct MaxPool2D: Layer {
  public static let defaultName = "pool"

  /// The height and width of a window.
  public var window: Size2D
  /// The window's own size where nil.
  public var strides: Size2D?
  /// The cells around the input.
  public var padding: PaddingMode

  /// Windows that do not overlap, unless a stride says otherwise: `MaxPool2D(2)` halves an image.
  public init(_ window: Size2D, strides: Size2D? = nil, padding: PaddingMode = .valid) {
    self.window = window
    self.strides = strides
    self.padding = padding
  }

  public var description: String { "MaxPool2D(\(window.brief))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let (strides, padding) = try context.resolvePooling(
      of: input, window: window, strides: strides, padding: padding)
    return try context.apply(
      MaxPool(window: window, strides: strides, padding: padding), input)
  }
}
