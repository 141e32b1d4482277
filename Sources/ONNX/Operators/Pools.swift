import Graphs
import Tensors

/// Pooling over any number of spatial axes.
enum PoolOperators {
  static let table: [String: Operator] = [
    "MaxPool": Operator(maxPool), "AveragePool": Operator(averagePool), "LpPool": Operator(lpPool),
    "GlobalAveragePool": Operator { (node) throws(ONNXError) in try global(.mean, node) },
    "GlobalMaxPool": Operator { (node) throws(ONNXError) in try global(.max, node) },
    "GlobalLpPool": Operator { (node) throws(ONNXError) in
      let power = try powerAttribute(node)
      let (x, context) = (try image(node, fewestAxes: 2), node.context)
      let powers = try power.raised(x, context)
      let sum = try context.reduce(.sum, powers, axes: Array(2..<x.rank), keepsAxes: true)
      return [try power.root(sum, context)]
    },
  ]

  private static func global(
    _ kind: Reduce.Kind, _ node: NodeImport
  ) throws(ONNXError) -> [Value] {
    let x = try image(node, fewestAxes: 2)
    return [try node.context.reduce(kind, x, axes: Array(2..<x.rank), keepsAxes: true)]
  }

  private static func image(_ node: NodeImport, fewestAxes: Int) throws(ONNXError) -> Value {
    let x = try node.input(0)
    try node.context.require(x.rank >= fewestAxes, "expected an image batch, received \(x.shape)")
    return x
  }

  private static func image(_ node: NodeImport) throws(ONNXError) -> (Value, WindowAttributes) {
    let x = try image(node, fewestAxes: 3)
    let window = try WindowAttributes(
      node, over: Array(x.shape.dimensions[2...]), isPool: true)
    return (x, window)
  }

  // MARK: - MaxPool

  /// The largest element of each window. With three or more axes the largest of the largest: plane by
  /// plane, then along each further axis.
  private static func maxPool(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let ((x, window), context) = (try image(node), node.context)
    let isColumnMajor = node.flag("storage_order")
    var y = try context.node(x)
    for axes in PoolPlane.axes(window.count) {
      let plane = PoolPlane(window, axes, of: y.shape)
      y = try plane.apply(plane.maxPool, y, context)
    }
    guard node.hasOutput(1) else { return [Value(y, x.element)] }
    return [
      Value(y, x.element),
      try largestPlaces(x, window, isColumnMajor: isColumnMajor, context),
    ]
  }

  /// Where in x the largest elements lie, the first of several: window cell by window cell, what is
  /// larger than all before takes their place.
  private static func largestPlaces(
    _ x: Value, _ window: WindowAttributes, isColumnMajor: Bool, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    let extents = Array(x.shape.dimensions[2...])
    let cells = Shape(window.kernel).count
    guard x.shape.count <= 1 << 24, cells <= 1024 else {
      throw context.unsupported("places of maxima in an image batch of \(x.shape)")
    }
    var (before, after) = ([0, 0], [0, 0])
    for axis in extents.indices {
      before.append(window.before[axis])
      after.append(max(window.reachBehind(extents, axis), 0))
    }
    let padded = try context.apply(
      Pad(before: before, after: after, mode: .constant(-.infinity)), context.node(x))
    // The place of each cell within its channel's image.
    let spatial = Shape(extents)
    let strides =
      isColumnMajor ? Shape(extents.reversed()).strides.reversed() : spatial.strides
    let numbers = try context.constant(Shape([1, 1] + extents)) {
      ImportContext.places(spatial, strides: strides, offset: 0).map { Float($0) }
    }
    let places = try context.apply(Pad(before: before, after: after), numbers)
    var best: (value: Node, place: Node)?
    for cell in 0..<cells {
      var (rest, start) = (cell, [Int](repeating: 0, count: extents.count))
      for axis in extents.indices.reversed() {
        start[axis] = rest % window.kernel[axis] * window.dilations[axis]
        rest /= window.kernel[axis]
      }
      func view(_ node: Node) throws(ONNXError) -> Node {
        var node = node
        for axis in extents.indices {
          node = try context.slices(
            node, axis: axis + 2, from: start[axis], count: window.places[axis],
            step: window.strides[axis])
        }
        return node
      }
      let (value, place) = (try view(padded), try view(places))
      guard let known = best else {
        best = (value, place)
        continue
      }
      let isLarger = try context.apply(Binary(.greater), value, known.value)
      best = (
        try context.apply(Binary(.maximum), known.value, value),
        try context.apply(Select(), isLarger, place, known.place)
      )
    }
    guard let best else { throw context.invalid("the window is empty") }
    let images = Shape([x.shape[0], x.shape[1]] + [Int](repeating: 1, count: extents.count))
    let offsets = try context.constant(images) {
      (0..<images.count).map { Float($0 * spatial.count) }
    }
    return Value(try context.apply(Binary(.add), offsets, best.place), .int64)
  }

  // MARK: - AveragePool

  /// The mean of each window. Cells in the padding count with `count_include_pad`; what a window
  /// reaches beyond the padding with `ceil_mode` never does.
  private static func averagePool(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let ((x, window), context) = (try image(node), node.context)
    let countsPadding = node.flag("count_include_pad")
    let extents = Array(x.shape.dimensions[2...])
    let staysInside = extents.indices.allSatisfy {
      window.reachBehind(extents, $0) <= window.after[$0]
    }
    let isSmall = extents.indices.allSatisfy {
      max(window.before[$0], window.reachBehind(extents, $0)) < window.kernel[$0]
    }
    if window.count <= 2, !window.isDilated, isSmall, !countsPadding || staysInside {
      let plane = PoolPlane(window, extents.indices, of: x.shape)
      let pool = plane.averagePool(countsPadding: countsPadding)
      return [Value(try plane.apply(pool, context.node(x), context), x.element)]
    }
    var y = try windowSums(context.node(x), window, context)
    for axis in extents.indices {
      let counted =
        countsPadding
        ? -window.before[axis]..<extents[axis] + window.after[axis]
        : 0..<extents[axis]
      let shares = (0..<window.places[axis]).map { place in
        let cells = (0..<window.kernel[axis]).count {
          counted.contains(
            place * window.strides[axis] + $0 * window.dilations[axis] - window.before[axis])
        }
        return 1 / Float(cells)
      }
      var shape = [Int](repeating: 1, count: x.rank)
      shape[axis + 2] = shares.count
      y = try context.apply(Binary(.multiply), y, context.constant(Shape(shape)) { shares })
    }
    return [Value(y, x.element)]
  }

  /// The sum of each window, axis by axis; cells in the padding are 0.
  private static func windowSums(
    _ x: Node, _ window: WindowAttributes, _ context: ImportContext
  ) throws(ONNXError) -> Node {
    let extents = Array(x.shape.dimensions[2...])
    var y = x
    for axis in extents.indices {
      guard window.kernel[axis] <= 1024 else {
        throw context.unsupported("a dilated window of \(window.kernel)")
      }
      var (before, after) = (
        [Int](repeating: 0, count: x.shape.rank), [Int](repeating: 0, count: x.shape.rank)
      )
      before[axis + 2] = window.before[axis]
      after[axis + 2] = max(window.reachBehind(extents, axis), 0)
      let padded = try context.apply(Pad(before: before, after: after), y)
      try context.requireSize(padded.shape)
      var sum: Node?
      for cell in 0..<window.kernel[axis] {
        let part = try context.slices(
          padded, axis: axis + 2, from: cell * window.dilations[axis],
          count: window.places[axis], step: window.strides[axis])
        sum =
          try sum.map { (sum) throws(ONNXError) in
            try context.apply(Binary(.add), sum, part)
          } ?? part
      }
      y = sum ?? y
    }
    return y
  }

  // MARK: - LpPool

  /// (Σ |x|ᵖ)^(1/p) over each window.
  private static func lpPool(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let power = try powerAttribute(node)
    let ((x, window), context) = (try image(node), node.context)
    let powers = try power.raised(x, context)
    let sums = try windowSums(context.node(powers), window, context)
    return [try power.root(Value(sums, x.element), context)]
  }

  private static func powerAttribute(_ node: NodeImport) throws(ONNXError) -> PowerMean {
    let power = node.integer("p", default: 2)
    try node.context.require(power >= 1, "p \(power)")
    return PowerMean(power: power)
  }
}

/// |x|ᵖ and back, the usual powers without general ones.
struct PowerMean {
  let power: Int

  func raised(_ x: Value, _ context: ImportContext) throws(ONNXError) -> Value {
    if power == 2 { return try context.map(.square, x) }
    let size = try context.map(.abs, x)
    if power == 1 { return size }
    return try context.combine(.power, size, Value(scalar: Double(power), .float32))
  }

  func root(_ sum: Value, _ context: ImportContext) throws(ONNXError) -> Value {
    if power == 1 { return sum }
    if power == 2 { return try context.map(.sqrt, sum) }
    return try context.combine(.power, sum, Value(scalar: 1 / Double(power), .float32))
  }
}
