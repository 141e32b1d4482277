import Graphs
import Tensors

/// The name of the input that says how many steps of a sequence there are, N × 1.
///
/// A network that has it treats the steps from an example's length on as absent: recurrent layers stop there,
/// pools and batch normalization leave them out, and every layer's output is zero there. What the
/// examples hold past their lengths must be zero.
extension NetworkInput {
  public static let lengthsName = "lengths"

  /// The input for lengths.
  public static let lengths = NetworkInput(lengthsName, [1])
}

extension Network {
  /// The same network without the input for lengths: for sequences that are all as long as its first input.
  public var withoutLengths: Network {
    Network(inputs: inputs.filter { $0.name != NetworkInput.lengthsName }, layers: layers)
  }
}

// Series are N × F × L in a graph, as all else has its channels on axis 1; recurrent layers take one step of
// all examples after the other, L × N × F.

extension Node {
  /// N × F × L as L × N × F; undoes ``seriesOfSteps()`` instead of adding to it.
  func steps() throws(GraphError) -> Node {
    if case .operation(let operation) = graph.vertices[id.vertex].kind,
      operation as? Transpose == Self.toSeries
    {
      return graph.node(graph.vertices[id.vertex].inputs[0])
    }
    return try transposed([2, 0, 1])
  }

  /// L × N × F as N × F × L.
  func seriesOfSteps() throws(GraphError) -> Node { try applying(Self.toSeries) }

  /// Whether the node is a series that was made of steps.
  var isMadeOfSteps: Bool {
    guard shape.rank == 3, case .operation(let operation) = graph.vertices[id.vertex].kind else {
      return false
    }
    return operation as? Transpose == Self.toSeries
  }

  private static let toSeries = Transpose([1, 2, 0])
}

// Convolutions take a series as an image of height 1. What they make stays one as long as it can, in the order of
// memory that suits them.

extension BuildContext {
  /// N × F × L as N × F × 1 × L; undoes ``series(of:)``.
  func image(of series: Node) throws(NetworkError) -> Node {
    if let image = series.imageBehindSeries { return image }
    let shape = series.shape
    return try graphed { _ throws(GraphError) in
      try series.reshaped(to: [shape[0], shape[1], 1, shape[2]])
    }
  }

  /// N × F × 1 × L as N × F × L.
  func series(of image: Node) throws(NetworkError) -> Node {
    let shape = image.shape
    return try graphed { _ throws(GraphError) in
      try image.reshaped(to: [shape[0], shape[1], shape[3]])
    }
  }
}

extension Node {
  /// The image of height 1 that a series was made of; nil where it was made of something else.
  var imageBehindSeries: Node? {
    guard shape.rank == 3, case .operation(let operation) = graph.vertices[id.vertex].kind,
      operation is Graphs.Reshape
    else { return nil }
    let source = graph.node(graph.vertices[id.vertex].inputs[0])
    return source.shape == [shape[0], shape[1], 1, shape[2]] ? source : nil
  }
}

extension BuildContext {
  /// Refuses what is no series.
  func requireSeries(_ input: Node) throws(NetworkError) {
    guard input.shape.rank == 3 else {
      throw mismatch(
        expected: "a series L×C", received: input,
        fix: input.shape.rank == 2 ? "add Embedding or Reshape([length, channels])" : nil)
    }
  }

  /// 1 at the steps of each example and 0 past its length, N × 1 × `count`; nil where there are no lengths.
  ///
  /// - Parameter fewest: as many steps count in any case.
  func mask(steps count: Int, atLeast fewest: Int = 0) throws(NetworkError) -> Node? {
    guard let lengths else { return nil }
    return try graphed { graph throws(GraphError) in
      let numbers = graph.constant(
        Tensor([1, 1, count], (0..<count).map { Float($0) }))
      let columns = try lengths.reshaped(to: [lengths.shape[0], 1, 1])
      let bound =
        fewest > 0 ? try columns.combined(.maximum, graph.constant(Float(fewest))) : columns
      return try numbers.combined(.less, bound)
    }
  }

  /// A series with zeros past the examples' lengths.
  func masked(_ series: Node) throws(NetworkError) -> Node {
    guard let mask = try mask(steps: series.shape[2]) else { return series }
    return try apply(Binary(.multiply), series, mask)
  }

  /// The lengths become those of what windows make of a series.
  mutating func shortenLengths(
    window: Int, stride: Int, padding: Int, dilation: Int = 1
  ) throws(NetworkError) {
    guard let lengths else { return }
    let reach = Float(padding - dilation * (window - 1) - 1)
    self.lengths = try graphed { graph throws(GraphError) in
      // ⌊(L + padding − reach of the window) / stride⌋ + 1, of an empty sequence none
      let windows = try ((lengths + reach) / Float(stride)).map(.floor) + 1
      let present = try lengths.map(.step)
      return try windows.combined(.maximum, graph.constant(0)) * present
    }
  }

  /// Runs `body` on examples without lengths; the present ones stay for what comes after.
  mutating func withoutLengths(
    _ body: (inout BuildContext) throws(NetworkError) -> Node
  ) throws(NetworkError) -> Node {
    let kept = lengths
    lengths = nil
    defer { lengths = kept }
    return try body(&self)
  }
}

extension BuildContext {
  /// Pools a series as an image of height 1.
  mutating func poolSeries(
    _ series: Node, window: Int, stride: Int?, padding: PaddingMode,
    _ pool: (_ window: Size2D, _ strides: Size2D, _ padding: EdgePadding) -> any Operation
  ) throws(NetworkError) -> Node {
    let image = try self.image(of: series)
    let window = Size2D(height: 1, width: window)
    let (strides, sides) = try resolvePooling(
      of: image, window: window, strides: stride.map { Size2D(height: 1, width: $0) },
      padding: padding.alongWidth)
    let pooled = try apply(pool(window, strides, sides), image)
    let result = try self.series(of: pooled)
    try shortenLengths(
      window: window.width, stride: strides.width, padding: sides.left + sides.right)
    return try masked(result)
  }
}

extension PaddingMode {
  /// The same for a series as an image of height 1: nothing above and below.
  var alongWidth: PaddingMode {
    guard case .explicit(let sides) = self else { return self }
    return .explicit(EdgePadding(top: 0, left: sides.left, bottom: 0, right: sides.right))
  }
}
