import Graphs
import Tensors

/// The largest number of each window along a series, channel by channel.
///
/// Shapes: N × C × L → N × C × L', L' = ⌊(L − window) / stride⌋ + 1; with `padding: .same` ⌈L / stride⌉.
public struct MaxPool1D: Layer {
  public static let defaultName = "pool"

  /// The steps in a window.
  public var window: Int
  /// By how much the window moves; its own size where nil.
  public var stride: Int?
  /// The cells around the input.
  public var padding: PaddingMode

  /// Windows that do not overlap, unless a stride says otherwise: `MaxPool1D(2)` halves a series.
  public init(_ window: Int, stride: Int? = nil, padding: PaddingMode = .valid) {
    self.window = window
    self.stride = stride
    self.padding = padding
  }

  public var description: String { "MaxPool1D(\(window))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireSeries(input)
    var series = input
    if let mask = try context.mask(steps: input.shape[2]) {
      // Absent steps never win.
      series = try context.apply(
        Select(), mask, series, context.graph.constant(-.greatestFiniteMagnitude))
    }
    return try context.poolSeries(series, window: window, stride: stride, padding: padding) {
      MaxPool(window: $0, strides: $1, padding: $2)
    }
  }
}
