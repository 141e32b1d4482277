import Graphs
import Tensors

/// Convolutions and transposed convolutions over any number of spatial axes. The engine knows two; one
/// is two with a height of 1, and three are sums over the window's depth.
enum ConvolutionOperators {
  static let table: [String: Operator] = [
    "Conv": Operator(convolution), "ConvTranspose": Operator(transposed),
  ]

  // MARK: - Conv

  private static func convolution(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, weight, context) = (try node.input(0), try node.input(1), node.context)
    try context.require(
      x.rank >= 3 && weight.rank == x.rank,
      "expected an image batch and weights, received \(x.shape) and \(weight.shape)")
    let groups = try node.require([node.integer("group", default: 1)], "group", atLeast: 1)[0]
    let window = try WindowAttributes(
      node, over: Array(x.shape.dimensions[2...]), kernel: Array(weight.shape.dimensions[2...]))
    let geometry = Geometry(window, groups: groups)
    var y = try convolve(context.node(x), context.node(weight), geometry, context)
    y = try addBias(node, to: y)
    return [Value(y, x.element)]
  }

  private struct Geometry {
    var strides, dilations, before, after: [Int]
    var groups: Int

    init(_ window: WindowAttributes, groups: Int) {
      strides = window.strides
      dilations = window.dilations
      before = window.before
      after = window.after
      self.groups = groups
    }

    /// Without the first spatial axis.
    var inner: Geometry {
      var inner = self
      inner.strides.removeFirst()
      inner.dilations.removeFirst()
      inner.before.removeFirst()
      inner.after.removeFirst()
      return inner
    }

    var operation: Convolution {
      Convolution(
        strides: Size2D(spatial: strides), padding: EdgePadding(before: before, after: after),
        dilation: Size2D(spatial: dilations), groups: groups)
    }
  }

  private static func convolve(
    _ x: Node, _ weight: Node, _ geometry: Geometry, _ context: ImportContext
  ) throws(ONNXError) -> Node {
    if x.shape.rank == 4 { return try context.apply(geometry.operation, x, weight) }
    if x.shape.rank == 3 {
      let image = try context.apply(Reshape(x.shape.asImage), x)
      let kernel = try context.apply(Reshape(weight.shape.asImage), weight)
      let y = try context.apply(geometry.operation, image, kernel)
      return try context.apply(Reshape([y.shape[0], y.shape[1], y.shape[3]]), y)
    }
    try requireShallow(weight, context)
    // Depth by depth of the window: every stride-th slice of x, as further elements of the batch.
    let rank = x.shape.rank
    var (before, after) = ([Int](repeating: 0, count: rank), [Int](repeating: 0, count: rank))
    (before[2], after[2]) = (geometry.before[0], geometry.after[0])
    let padded = try context.apply(Pad(before: before, after: after), x)
    let (stride, dilation) = (geometry.strides[0], geometry.dilations[0])
    let places = (padded.shape[2] - dilation * (weight.shape[2] - 1) - 1) / stride + 1
    var sum: Node?
    for depth in 0..<weight.shape[2] {
      let slices = try context.slices(
        padded, axis: 2, from: depth * dilation, count: places, step: stride)
      let images = try context.foldingDepth(slices)
      let kernel = try context.without(
        axis: 2, context.slices(weight, axis: 2, from: depth, count: 1, step: 1))
      let part = try convolve(images, kernel, geometry.inner, context)
      sum =
        try sum.map { (sum) throws(ONNXError) in
          try context.apply(Binary(.add), sum, part)
        } ?? part
    }
    guard let sum else { throw context.invalid("the window is empty") }
    return try context.unfoldingDepth(sum, batch: x.shape[0])
  }

  /// Each plane of a deep window is a convolution of its own.
  private static func requireShallow(
    _ weight: Node, _ context: ImportContext
  ) throws(ONNXError) {
    guard weight.shape[2] <= 1024 else {
      throw context.unsupported("a window of \(weight.shape[2]) planes")
    }
  }

  private static func addBias(_ node: NodeImport, to y: Node) throws(ONNXError) -> Node {
    guard let bias = node.optional(2) else { return y }
    return try node.context.apply(BiasAdd(), y, node.context.node(bias))
  }

  // MARK: - ConvTranspose

  /// Its pads cut off what lies beyond the output; `output_shape` decides on them instead.
  private static func transposed(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, weight, context) = (try node.input(0), try node.input(1), node.context)
    let count = x.rank - 2
    try context.require(
      x.rank >= 3 && weight.rank == x.rank,
      "expected an image batch and weights, received \(x.shape) and \(weight.shape)")
    let ones = [Int](repeating: 1, count: count)
    let zeros = [Int](repeating: 0, count: count)
    let kernel = Array(weight.shape.dimensions[2...])
    try context.require(
      node.integers("kernel_shape").map { $0 == kernel } ?? true,
      "kernel_shape is another than that of the weights")
    let groups = try node.require([node.integer("group", default: 1)], "group", atLeast: 1)[0]
    var geometry = TransposedGeometry(
      strides: try node.require(
        node.integers("strides") ?? ones, "strides", atLeast: 1, count: count),
      dilations: try node.require(
        node.integers("dilations") ?? ones, "dilations", atLeast: 1, count: count),
      before: zeros, extents: zeros, groups: groups)
    let extra = try node.require(
      node.integers("output_padding") ?? zeros, "output_padding", atLeast: 0, count: count)
    let pads = try node.require(
      node.integers("pads") ?? zeros + zeros, "pads", atLeast: 0, count: 2 * count)
    let automatic = node.text("auto_pad") ?? "NOTSET"
    var wanted = node.integers("output_shape").map { Array($0.suffix(count)) }
    if let wanted {
      _ = try node.require(wanted, "output_shape", atLeast: 1, count: count)
    }
    // With output_shape given it decides, and auto_pad only says which side gets the odd cell.
    if wanted == nil, automatic.hasPrefix("SAME") {
      wanted = (0..<count).map { x.shape[$0 + 2] * geometry.strides[$0] }
    }
    for axis in 0..<count {
      let whole =
        (x.shape[axis + 2] - 1) * geometry.strides[axis]
        + geometry.dilations[axis] * (kernel[axis] - 1) + 1 + extra[axis]
      if let wanted {
        let total = max(whole - wanted[axis], 0)
        geometry.before[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
        geometry.extents[axis] = wanted[axis]
      } else {
        let cut = automatic == "VALID" ? (0, 0) : (pads[axis], pads[count + axis])
        geometry.before[axis] = cut.0
        geometry.extents[axis] = whole - cut.0 - cut.1
      }
      try context.require(geometry.extents[axis] >= 1, "the output is empty")
    }
    let y = try transpose(context.node(x), context.node(weight), geometry, context)
    return [Value(try addBias(node, to: y), x.element)]
  }

  /// What is kept of the whole output: `extents` cells along each axis from `before` on.
  private struct TransposedGeometry {
    var strides, dilations, before, extents: [Int]
    var groups: Int

    var inner: TransposedGeometry {
      var inner = self
      inner.strides.removeFirst()
      inner.dilations.removeFirst()
      inner.before.removeFirst()
      inner.extents.removeFirst()
      return inner
    }
  }

  private static func transpose(
    _ x: Node, _ weight: Node, _ geometry: TransposedGeometry, _ context: ImportContext
  ) throws(ONNXError) -> Node {
    switch x.shape.rank {
    case 3:
      let y = try transposeImage(
        context.apply(Reshape(x.shape.asImage), x),
        context.apply(Reshape(weight.shape.asImage), weight), geometry, context)
      return try context.apply(Reshape([y.shape[0], y.shape[1], y.shape[3]]), y)
    case 4: return try transposeImage(x, weight, geometry, context)
    default: return try transposeVolume(x, weight, geometry, context)
    }
  }

  private static func transposeImage(
    _ x: Node, _ weight: Node, _ geometry: TransposedGeometry, _ context: ImportContext
  ) throws(ONNXError) -> Node {
    let isLine = geometry.strides.count == 1
    func both(_ list: [Int], _ line: Int) -> [Int] { isLine ? [line] + list : list }
    let (strides, dilations) = (both(geometry.strides, 1), both(geometry.dilations, 1))
    let (before, extents) = (both(geometry.before, 0), both(geometry.extents, 1))
    // What the far padding must be for the convolution back to have x's size; a remainder is
    // filled up with zeros.
    var after = [0, 0]
    var filling = [0, 0]
    for axis in 0..<2 {
      let whole =
        (x.shape[axis + 2] - 1) * strides[axis] + dilations[axis] * (weight.shape[axis + 2] - 1) + 1
      let missing = extents[axis] + before[axis] - whole
      if missing < 0 {
        after[axis] = -missing
      } else if missing >= strides[axis] {
        filling[axis] = missing
      }
    }
    let convolution = Convolution(
      strides: Size2D(spatial: strides), padding: EdgePadding(before: before, after: after),
      dilation: Size2D(spatial: dilations), groups: geometry.groups)
    let (channels, overflow) = weight.shape[1].multipliedReportingOverflow(by: geometry.groups)
    let shape: Shape = [
      x.shape[0], overflow ? .max : channels, extents[0] - filling[0], extents[1] - filling[1],
    ]
    try context.requireSize(shape)
    let y = try context.apply(
      ConvolutionInputGradient(of: convolution, inputShape: shape), x, weight)
    guard filling != [0, 0] else { return y }
    return try context.apply(Pad(before: [0, 0, 0, 0], after: [0, 0] + filling), y)
  }

  /// Depth by depth of the window, each laid at its places among zeros, and their sum.
  private static func transposeVolume(
    _ x: Node, _ weight: Node, _ geometry: TransposedGeometry, _ context: ImportContext
  ) throws(ONNXError) -> Node {
    try requireShallow(weight, context)
    let (stride, dilation) = (geometry.strides[0], geometry.dilations[0])
    let images = try context.foldingDepth(x)
    let window = weight.shape[2]
    let whole = max(
      (x.shape[2] - 1) * stride + dilation * (window - 1) + 1,
      geometry.before[0] + geometry.extents[0])
    var sum: Node?
    for depth in 0..<window {
      let kernel = try context.without(
        axis: 2, context.slices(weight, axis: 2, from: depth, count: 1, step: 1))
      let part = try context.unfoldingDepth(
        transpose(images, kernel, geometry.inner, context), batch: x.shape[0])
      let shape = part.shape.replacing(axis: 2, with: whole)
      try context.requireSize(shape)
      let laid = try context.apply(
        SliceGradient(
          of: Slice(axis: 2, of: shape, from: depth * dilation, count: x.shape[2], step: stride),
          inputShape: shape), part)
      sum =
        try sum.map { (sum) throws(ONNXError) in
          try context.apply(Binary(.add), sum, laid)
        } ?? laid
    }
    guard let sum else { throw context.invalid("the window is empty") }
    return try context.slices(
      sum, axis: 2, from: geometry.before[0], count: geometry.extents[0], step: 1)
  }
}

extension Slice {
  /// `count` elements of one axis, the others whole.
  init(axis: Int, of shape: Shape, from start: Int, count: Int, step: Int) {
    var starts = [Int](repeating: 0, count: shape.rank)
    var steps = [Int](repeating: 1, count: shape.rank)
    (starts[axis], steps[axis]) = (start, step)
    self.init(
      starts: starts,
      ends: shape.replacing(axis: axis, with: start + (count - 1) * step + 1).dimensions,
      steps: steps)
  }
}

extension ImportContext {
  /// `count` elements of one axis, the others whole.
  func slices(
    _ x: Node, axis: Int, from start: Int, count: Int, step: Int
  ) throws(ONNXError) -> Node {
    if start == 0, count == x.shape[axis], step == 1 { return x }
    return try apply(Slice(axis: axis, of: x.shape, from: start, count: count, step: step), x)
  }

  /// Without an axis of extent 1.
  fileprivate func without(axis: Int, _ x: Node) throws(ONNXError) -> Node {
    var dimensions = x.shape.dimensions
    dimensions.remove(at: axis)
    return try apply(Reshape(Shape(dimensions)), x)
  }

  /// N × C × D × … as N·D × C × ….
  fileprivate func foldingDepth(_ x: Node) throws(ONNXError) -> Node {
    let swapped = try apply(Transpose([0, 2, 1] + Array(3..<x.shape.rank)), x)
    let dimensions = swapped.shape.dimensions
    return try apply(Reshape(Shape([dimensions[0] * dimensions[1]] + dimensions[2...])), swapped)
  }

  /// N·D × C × … as N × C × D × ….
  fileprivate func unfoldingDepth(_ x: Node, batch: Int) throws(ONNXError) -> Node {
    let dimensions = x.shape.dimensions
    let split = try apply(Reshape(Shape([batch, dimensions[0] / batch] + dimensions[1...])), x)
    return try apply(Transpose([0, 2, 1] + Array(3..<split.shape.rank)), split)
  }
}
