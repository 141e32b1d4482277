import Graphs
import Tensors

/// Reductions of axes to one number each.
enum ReductionOperators {
  static let table: [String: Operator] = {
    var table: [String: Operator] = [
      "ReduceSumSquare": Operator { (node) throws(ONNXError) in
        try reduce(node, .sum) { (x, context) throws(ONNXError) in try context.map(.square, x) }
      },
      "ReduceL1": Operator { (node) throws(ONNXError) in
        try reduce(node, .sum) { (x, context) throws(ONNXError) in try context.map(.abs, x) }
      },
      "ReduceL2": Operator { (node) throws(ONNXError) in
        try reduce(node, .sum) { (x, context) throws(ONNXError) in
          try context.map(.square, x)
        } after: { (x, context) throws(ONNXError) in
          try context.map(.sqrt, x)
        }
      },
      "ReduceLogSum": Operator { (node) throws(ONNXError) in
        try reduce(node, .sum) { x, _ in
          x
        } after: { (x, context) throws(ONNXError) in
          try context.map(.log, x)
        }
      },
      "ReduceLogSumExp": Operator(logSumExp),
      "ArgMax": Operator { (node) throws(ONNXError) in try place(.max, node) },
      "ArgMin": Operator { (node) throws(ONNXError) in try place(.min, node) },
    ]
    let kinds: [String: Reduce.Kind] = [
      "ReduceMean": .mean, "ReduceSum": .sum, "ReduceMax": .max, "ReduceMin": .min,
      "ReduceProd": .product,
    ]
    for (name, kind) in kinds {
      table[name] = Operator { (node) throws(ONNXError) in try reduce(node, kind) { x, _ in x } }
    }
    return table
  }()

  private typealias Function = (Value, ImportContext) throws(ONNXError) -> Value

  /// The axes to reduce: an attribute, from opset 18 (`ReduceSum` from 13) an input; all where none are
  /// told, unless `noop_with_empty_axes`.
  private static func axes(_ node: NodeImport, _ rank: Int) throws(ONNXError) -> [Int] {
    let told = try node.integers("axes", orInput: 1) ?? []
    if told.isEmpty { return node.flag("noop_with_empty_axes") ? [] : Array(0..<rank) }
    return try node.axes(told, of: rank)
  }

  private static func reduce(
    _ node: NodeImport, _ kind: Reduce.Kind, _ before: Function,
    after: Function = { x, _ in x }
  ) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axes = try axes(node, x.rank)
    node.ignore("noop_with_empty_axes")
    let reduced = try context.reduce(
      kind, before(x, context), axes: axes, keepsAxes: node.flag("keepdims", default: true))
    return [try after(reduced, context)]
  }

  /// ln Σ eˣ, the largest x taken off first.
  private static func logSumExp(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axes = try axes(node, x.rank)
    node.ignore("noop_with_empty_axes")
    let keepsAxes = node.flag("keepdims", default: true)
    if axes.isEmpty { return [x] }
    let largest = try context.reduce(.max, x, axes: axes, keepsAxes: true)
    let powers = try context.map(.exp, context.combine(.subtract, x, largest))
    let sum = try context.map(
      .log, context.reduce(.sum, powers, axes: axes, keepsAxes: true))
    let result = try context.combine(.add, sum, largest)
    if keepsAxes { return [result] }
    return [
      try context.reshape(
        result,
        to: Shape(x.shape.dimensions.indices.filter { !axes.contains($0) }.map { x.shape[$0] }))
    ]
  }

  // MARK: - ArgMax, ArgMin

  private static func place(
    _ kind: Reduce.Kind, _ node: NodeImport
  ) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axis = try node.axis(node.integer("axis", default: 0), of: x.rank)
    let keepsAxes = node.flag("keepdims", default: true)
    let takesLast = node.flag("select_last_index")
    let place = try place(of: kind, x, axis: axis, takesLast: takesLast, context)
    if keepsAxes { return [place] }
    var shape = place.shape.dimensions
    shape.remove(at: axis)
    return [try context.reshape(place, to: Shape(shape))]
  }

  /// Where along an axis the largest or smallest element lies; the axis stays with an extent of 1.
  static func place(
    of kind: Reduce.Kind, _ x: Value, axis: Int, takesLast: Bool, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    let extreme = try context.reduce(kind, x, axes: [axis], keepsAxes: true)
    let attains = try context.combine(.equal, x, extreme)
    let outside = Value(scalar: takesLast ? -1 : Double(x.shape[axis]), .int64)
    let places = try context.select(attains, positions(x.shape, axis), outside)
    return try context.reduce(takesLast ? .max : .min, places, axes: [axis], keepsAxes: true)
  }

  /// 0, 1, 2, … along an axis.
  static func positions(_ shape: Shape, _ axis: Int) -> Value {
    let extents = shape.dimensions.indices.map { $0 == axis ? shape[axis] : 1 }
    return Value(.integers((0..<shape[axis]).map(Int64.init)), Shape(extents), .int64)
  }
}
