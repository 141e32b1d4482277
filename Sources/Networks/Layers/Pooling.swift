import Graphs
import Tensors

/// Max pooling: the largest number of each window, channel by channel.
///
/// Shapes: N × C × H × W → N × C × H' × W', H' = ⌊(H + top + bottom − window) / stride⌋ + 1.
/// Padding cells never win.
public struct MaxPool2D: Layer {
  public static let defaultName = "pool"

  public var window: Extent
  /// The window's own size where nil.
  public var strides: Extent?
  public var padding: WindowPadding

  /// Windows that do not overlap, unless a stride says otherwise: `MaxPool2D(2)` halves an image.
  public init(_ window: Extent, strides: Extent? = nil, padding: WindowPadding = .valid) {
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

/// Average pooling: the mean of each window, channel by channel. Padding cells are not counted.
///
/// Shapes: as `MaxPool2D`.
public struct AveragePool2D: Layer {
  public static let defaultName = "pool"

  public var window: Extent
  /// The window's own size where nil.
  public var strides: Extent?
  public var padding: WindowPadding

  /// Windows that do not overlap, unless a stride says otherwise.
  public init(_ window: Extent, strides: Extent? = nil, padding: WindowPadding = .valid) {
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

/// Sum pooling: the sum of each window, channel by channel. Padding cells are zeros.
///
/// Shapes: as `MaxPool2D`.
public struct SumPool2D: Layer {
  public static let defaultName = "pool"

  public var window: Extent
  /// The window's own size where nil.
  public var strides: Extent?
  public var padding: WindowPadding

  /// Windows that do not overlap, unless a stride says otherwise.
  public init(_ window: Extent, strides: Extent? = nil, padding: WindowPadding = .valid) {
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

/// The mean of each channel over the whole image (Lin et al. 2013, arXiv 1312.4400).
///
/// Shapes: N × C × H × W → N × C; a series N × C × L → N × C.
public struct GlobalAveragePool: Layer {
  public static let defaultName = "pool"

  public init() {}

  public var description: String { "GlobalAveragePool()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.reduceChannels(of: input, .mean)
  }
}

/// The largest number of each channel over the whole image.
///
/// Shapes: N × C × H × W → N × C; a series N × C × L → N × C.
public struct GlobalMaxPool: Layer {
  public static let defaultName = "pool"

  public init() {}

  public var description: String { "GlobalMaxPool()" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    let shape = input.shape
    guard shape.rank == 4 else { return try context.reduceChannels(of: input, .max) }
    let window = Extent(height: shape[2], width: shape[3])
    let largest = try context.apply(MaxPool(window: window, strides: 1, padding: 0), input)
    return try context.apply(Graphs.Reshape([shape[0], shape[1]]), largest)
  }
}

extension BuildContext {
  /// Checks a pooling window and gives its strides and padding.
  fileprivate func resolvePooling(
    of input: Node, window: Extent, strides: Extent?, padding: WindowPadding
  ) throws(NetworkError) -> (strides: Extent, padding: Padding) {
    try requireImage(input)
    try require(window, "window")
    let strides = strides ?? window
    try require(strides, "strides")
    let sides = try resolve(padding, kernel: window, dilation: 1)
    guard
      max(sides.top, sides.bottom) < window.height, max(sides.left, sides.right) < window.width
    else { throw failure("padding \(padding): expected less than the window \(window)") }
    try requireFit(of: window, dilation: 1, padding: sides, over: input, called: "window")
    return (strides, sides)
  }

  fileprivate func reduceChannels(
    of input: Node, _ kind: Reduce.Kind
  ) throws(NetworkError) -> Node {
    guard input.shape.rank > 2 else {
      throw mismatch(expected: "an image H×W×C or a series L×C", received: input)
    }
    return try apply(
      Reduce(kind, axes: Array(2..<input.shape.rank), keepsAxes: false), input)
  }
}
