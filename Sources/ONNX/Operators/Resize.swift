import Graphs
import Tensors

/// Other sizes of images: `Resize`, and `Upsample`, which it replaced.
enum ResizeOperators {
  static let table: [String: Operator] = [
    "Resize": Operator(resize), "Upsample": Operator(upsample),
  ]

  /// Scales are an attribute in opset 7, an input in 9.
  private static func upsample(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    try context.requireElements(x)
    let given = try node.elements(1)?.doubles.map { Float($0) }
    guard let scales = node.floats("scales") ?? given, scales.count == x.rank else {
      throw context.invalid("expected one scale for each axis of \(x.shape)")
    }
    let changes = try axes(x, scales: scales, Array(0..<x.rank), node)
    return [try resample(x, changes, Sampling(node, coordinates: "asymmetric"), context)]
  }

  /// Opset 10 knows scales alone and counts coordinates from the corner; from 11 on there are modes,
  /// sizes and a region, from 18 on axes, antialiasing and a policy for the aspect ratio.
  private static func resize(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    try context.requireElements(x)
    let isOld = node.opset < 11
    let chosen = try node.axes(node.integers("axes") ?? Array(0..<x.rank), of: x.rank)
    let sampling = try Sampling(node, coordinates: isOld ? "asymmetric" : "half_pixel")
    let policy = node.text("keep_aspect_ratio_policy") ?? "stretch"
    let scales = try node.elements(isOld ? 1 : 2)?.doubles ?? []
    let sizes = isOld ? [] : try node.knownIntegers(3) ?? []
    var region: [Double] = []
    if sampling.coordinates == .cropAndResize {
      region = try node.elements(1)?.doubles ?? []
      try context.require(
        region.count == 2 * chosen.count && region.allSatisfy(\.isFinite),
        "expected a start and an end for each axis")
    }
    try context.require(
      scales.isEmpty != sizes.isEmpty && (scales + sizes.map(Double.init)).count == chosen.count,
      "expected either scales or sizes, one for each axis")
    var changes: [Axis] = []
    if !scales.isEmpty {
      changes = try axes(x, scales: scales.map { Float($0) }, chosen, node)
    } else {
      _ = try node.require(sizes, "sizes", atLeast: 1)
      let ratios = zip(chosen, sizes).map { Double($1) / Double(x.shape[$0]) }
      switch policy {
      case "stretch":
        changes = chosen.indices.map {
          Axis(axis: chosen[$0], from: x.shape[chosen[$0]], to: sizes[$0], scale: ratios[$0])
        }
      case "not_larger", "not_smaller":
        let scale = (policy == "not_larger" ? ratios.min() : ratios.max()) ?? 1
        changes = chosen.map { axis in
          let size = Int((scale * Double(x.shape[axis]) + 0.5).rounded(.down))
          return Axis(axis: axis, from: x.shape[axis], to: max(size, 1), scale: scale)
        }
      default: throw context.invalid("keep_aspect_ratio_policy \(policy)")
      }
    }
    for index in changes.indices where !region.isEmpty {
      changes[index].region = (region[index], region[chosen.count + index])
    }
    return [try resample(x, changes, sampling, context)]
  }

  private static func axes(
    _ x: Value, scales: [Float], _ chosen: [Int], _ node: NodeImport
  ) throws(ONNXError) -> [Axis] {
    try zip(chosen, scales).map { (axis, scale) throws(ONNXError) in
      let size = (Double(scale) * Double(x.shape[axis])).rounded(.down)
      guard scale > 0, size >= 1, size <= Double(Int32.max) else {
        throw node.context.invalid("scale \(scale) of axis \(axis)")
      }
      return Axis(axis: axis, from: x.shape[axis], to: Int(size), scale: Double(scale))
    }
  }

  /// How one axis changes.
  struct Axis {
    let axis: Int
    let from: Int
    let to: Int
    let scale: Double
    /// The part that is seen, in units of the whole, where there is one.
    var region: (start: Double, end: Double) = (0, 1)
  }

  // MARK: - Into the graph

  private static func resample(
    _ x: Value, _ changes: [Axis], _ sampling: Sampling, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    let active = changes.filter { !sampling.isIdentity($0) }
    var shape = x.shape
    for change in active { shape = shape.replacing(axis: change.axis, with: change.to) }
    try context.requireSize(shape)
    if active.isEmpty { return x }
    for change in active where max(change.from, change.to) > 1 << 16 {
      throw context.unsupported("an axis of \(change.from) resized to \(change.to)")
    }
    if let factor = wholeFactor(x.shape, active), let mode = sampling.upsampleMode(active) {
      return Value(
        try context.apply(Upsample(factor: factor, mode: mode), context.node(x)), x.element)
    }
    if let places = sampling.places(active) {
      var result = x
      for (change, places) in zip(active, places) {
        result = try context.gather(result, Value(integers: places), axis: change.axis)
      }
      return result
    }
    var result = try context.node(x)
    var outside: Node?
    for change in active {
      let matrix = try context.constant([change.from, change.to]) { sampling.matrix(change) }
      result = try multiply(result, change.axis, matrix, context)
      if let places = sampling.outside(change) {
        var extents = [Int](repeating: 1, count: x.rank)
        extents[change.axis] = change.to
        let mask = try context.constant(Shape(extents)) { places.map { $0 ? 1 : 0 } }
        outside =
          try outside.map { (known) throws(ONNXError) in
            try context.apply(Binary(.maximum), known, mask)
          } ?? mask
      }
    }
    if let outside {
      result = try context.apply(
        Select(), outside, context.graph.constant(sampling.extrapolation), result)
    }
    return Value(result, x.element)
  }

  /// Rows and columns of images enlarged by whole factors.
  private static func wholeFactor(_ shape: Shape, _ changes: [Axis]) -> Size2D? {
    guard shape.rank == 4 else { return nil }
    var factors = [1, 1, 1, 1]
    for change in changes {
      guard change.to % change.from == 0, change.scale == Double(change.to / change.from) else {
        return nil
      }
      factors[change.axis] = change.to / change.from
    }
    return factors[0] == 1 && factors[1] == 1
      ? Size2D(height: factors[2], width: factors[3]) : nil
  }

  /// Each row along an axis times a matrix [from, to].
  private static func multiply(
    _ x: Node, _ axis: Int, _ matrix: Node, _ context: ImportContext
  ) throws(ONNXError) -> Node {
    let outer = x.shape.dimensions[..<axis].reduce(1, *)
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    let (from, to) = (matrix.shape[0], matrix.shape[1])
    let shape = x.shape.replacing(axis: axis, with: to)
    if inner == 1 {
      let rows = try context.apply(Reshape([outer, from]), x)
      return try context.apply(
        Reshape(shape), context.apply(MatrixMultiply(), rows, matrix))
    }
    let rows = try context.apply(Reshape([outer, from, inner]), x)
    let product = try context.apply(MatrixMultiply(transposeLeft: true), matrix, rows)
    return try context.apply(Reshape(shape), product)
  }
}
