import Graphs
import Tensors

/// The mean of each window along a series, channel by channel.
///
/// Shapes: N × C × L → N × C × L', L' = ⌊(L − window) / stride⌋ + 1.
public struct AveragePool1D: Layer {
  public static let defaultName = "pool"

  /// The steps in a window.
  public var window: Int
  /// By how much the window moves; its own size where nil.
  public var stride: Int?

  /// Windows that do not overlap, unless a stride says otherwise: `AveragePool1D(2)` halves a series.
  public init(_ window: Int, stride: Int? = nil) {
    self.window = window
    self.stride = stride
  }

  public var description: String { "AveragePool1D(\(window))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireSeries(input)
    return try context.poolSeries(input, window: window, stride: stride, padding: .valid) {
      AveragePool(window: $0, strides: $1, padding: $2)
    }
  }
}
