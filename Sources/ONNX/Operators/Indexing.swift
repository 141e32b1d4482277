import Graphs
import Tensors

/// Elements picked, set and sorted by number.
enum IndexOperators {
  static let table: [String: Operator] = [
    "GatherElements": Operator(gatherElements), "GatherND": Operator(gatherSlices),
    "ScatterElements": Operator(scatterElements), "Scatter": Operator(scatterElements),
    "ScatterND": Operator(scatterSlices), "OneHot": Operator(oneHot), "TopK": Operator(top),
    "CumSum": Operator(cumulativeSum), "NonZero": Operator(nonZero),
  ]

  /// Places are computed in 32-bit floats, which hold whole numbers up to here exactly.
  private static let mostPlaces = 1 << 24

  // MARK: - Gather

  /// Of each place the element that an index along one axis names.
  private static func gatherElements(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, indices) = (try node.input(0), try node.input(1))
    let axis = try node.axis(node.integer("axis", default: 0), of: x.rank)
    return [try elements(of: x, indices, axis: axis, node.context)]
  }

  private static func elements(
    of x: Value, _ indices: Value, axis: Int, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    let places = try places(of: indices, along: axis, in: x.shape, context)
    return try context.gather(context.reshape(x, to: [x.shape.count]), places, axis: 0)
  }

  /// Slices that the last axis of the indices names by one number an axis, after some axes that both
  /// share.
  private static func gatherSlices(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, indices, context) = (try node.input(0), try node.input(1), node.context)
    let shared = node.integer("batch_dims", default: 0)
    try context.require(
      (0..<indices.rank).contains(shared) && shared < x.rank
        && x.shape.dimensions[..<shared] == indices.shape.dimensions[..<shared],
      "\(shared) axes shared by \(x.shape) and \(indices.shape)")
    let (rows, places) = try rows(of: x, indices, shared: shared, context)
    return [try context.gather(rows, places, axis: 0)]
  }

  // MARK: - Scatter

  private static func scatterElements(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, indices, updates) = (try node.input(0), try node.input(1), try node.input(2))
    let context = node.context
    let axis = try node.axis(node.integer("axis", default: 0), of: x.rank)
    let kind = try kind(node)
    try context.require(
      indices.shape == updates.shape, "\(indices.shape) indices for \(updates.shape)")
    if updates.shape.count == 0 { return [x] }
    let places = try places(of: indices, along: axis, in: x.shape, context)
    let flat = try context.scatter(
      kind, context.reshape(x, to: [x.shape.count]),
      context.reshape(places, to: [places.shape.count]),
      context.reshape(updates, to: [updates.shape.count]))
    return [try context.reshape(flat, to: x.shape)]
  }

  private static func scatterSlices(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, indices, updates) = (try node.input(0), try node.input(1), try node.input(2))
    let context = node.context
    let kind = try kind(node)
    if updates.shape.count == 0 { return [x] }
    let (rows, places) = try rows(of: x, indices, shared: 0, context)
    let inner = rows.shape.dimensions.dropFirst()
    try context.require(
      updates.shape == Shape(places.shape.dimensions + inner),
      "\(updates.shape) updates for \(indices.shape) indices of \(x.shape)")
    let count = places.shape.count
    let made = try context.scatter(
      kind, rows, context.reshape(places, to: [count]),
      context.reshape(updates, to: Shape([count] + inner)))
    return [try context.reshape(made, to: x.shape)]
  }

  private static func kind(_ node: NodeImport) throws(ONNXError) -> Scatter.Kind {
    switch node.text("reduction") ?? "none" {
    case "none": return .replace
    case "add": return .add
    case "mul": return .multiply
    case "max": return .maximum
    case "min": return .minimum
    case let other: throw node.context.unsupported("reduction \(other)")
    }
  }

  // MARK: - Places

  /// Where elements that indices name along an axis lie among all elements of a shape.
  private static func places(
    of indices: Value, along axis: Int, in shape: Shape, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    try context.require(
      indices.rank == shape.rank
        && shape.dimensions.indices.allSatisfy { $0 == axis || indices.shape[$0] <= shape[$0] },
      "\(indices.shape) indices on axis \(axis) of \(shape)")
    try requirePlaces(max(shape.count, indices.shape.count), context)
    if indices.shape.count == 0 { return context.empty(indices.shape, .int64) }
    var strides = shape.strides
    let stride = strides[axis]
    strides[axis] = 0
    try context.take(indices.shape.count)
    let others = ImportContext.places(indices.shape, strides: strides, offset: 0)
    let along = try context.combine(
      .multiply, context.fromFront(indices, extents: [shape[axis]]),
      Value(scalar: Double(stride), .int64))
    return try context.combine(
      .add, along, Value(.integers(others.map(Int64.init)), indices.shape, .int64))
  }

  /// A tensor as rows, and which of them indices name, whose last axis holds one number for each axis
  /// after the shared ones.
  private static func rows(
    of x: Value, _ indices: Value, shared: Int, _ context: ImportContext
  ) throws(ONNXError) -> (rows: Value, places: Value) {
    guard let count = indices.shape.dimensions.last, count >= 1, shared + count <= x.rank else {
      throw context.invalid("\(indices.shape) indices of \(x.shape)")
    }
    let named = Array(x.shape.dimensions[shared..<shared + count])
    let batches = x.shape.dimensions[..<shared].reduce(1, *)
    let each = named.reduce(1, *)
    try requirePlaces(max(batches * each, indices.shape.count), context)
    let rows = try context.reshape(
      x, to: Shape([batches * each] + x.shape.dimensions[(shared + count)...]))
    let shape = Shape(indices.shape.dimensions.dropLast())
    let numbers = try context.combine(
      .multiply, context.fromFront(indices, extents: named),
      Value(integers: Shape(named).strides))
    var places = try context.reduce(.sum, numbers, axes: [indices.rank - 1], keepsAxes: false)
    if shared > 0, batches > 1 {
      let first = Value(integers: (0..<batches).map { $0 * each })
      let ones = [Int](repeating: 1, count: shape.rank - shared)
      places = try context.combine(
        .add, places,
        context.reshape(first, to: Shape(shape.dimensions[..<shared] + ones)))
    }
    return (rows, places)
  }

  private static func requirePlaces(_ count: Int, _ context: ImportContext) throws(ONNXError) {
    guard count <= mostPlaces else {
      throw context.unsupported("places in a tensor of \(count) elements")
    }
  }

  // MARK: - OneHot, TopK, CumSum, NonZero

  /// A new axis with the second value at the index, the first elsewhere.
  private static func oneHot(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (indices, values, context) = (try node.input(0), try node.input(2), node.context)
    guard let depth = try node.knownIntegers(1)?.first, (1...1 << 20).contains(depth) else {
      throw context.invalid("expected a depth of 1 or more")
    }
    try context.require(values.shape == [2], "expected two values, received \(values.shape)")
    let axis = try node.axis(node.integer("axis", default: -1), of: indices.rank + 1)
    var extents = indices.shape.dimensions
    extents.insert(1, at: axis)
    let places = try context.reshape(context.cast(indices, to: .int64), to: Shape(extents))
    extents[axis] = depth
    try context.requireSize(Shape(extents))
    let isNegative = try context.combine(.less, places, Value(scalar: 0, .int64))
    let behind = try context.combine(
      .multiply, isNegative, Value(scalar: Double(depth), .int64))
    let hits = try context.combine(
      .equal, context.combine(.add, places, behind),
      ReductionOperators.positions(Shape(extents), axis))
    func value(_ index: Int64) throws(ONNXError) -> Value {
      try context.gather(values, Value(.integers([index]), [], .int64), axis: 0)
    }
    return [try context.select(hits, value(1), value(0))]
  }

  /// The largest or smallest elements along an axis and their places.
  private static func top(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    node.ignore("sorted")
    let axis = try node.axis(node.integer("axis", default: -1), of: x.rank)
    let told = node.integer("k")
    let given = told == nil ? try node.knownIntegers(1)?.first : told
    guard let count = given, (0...x.shape[axis]).contains(count) else {
      throw context.invalid("more elements than there are on axis \(axis) of \(x.shape)")
    }
    let takesLargest = node.flag("largest", default: true)
    if count == 0 {
      let shape = x.shape.replacing(axis: axis, with: 0)
      return [context.empty(shape, x.element), context.empty(shape, .int64)]
    }
    let operation = TopPlaces(axis: axis, count: count, takesLargest: takesLargest)
    let places = Value(try context.apply(operation, context.node(x)), .int64)
    return [try elements(of: x, places, axis: axis, context), places]
  }

  private static func cumulativeSum(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    guard let told = try node.knownIntegers(1)?.first else {
      throw context.invalid("expected an axis")
    }
    let operation = CumulativeSum(
      axis: try node.axis(told, of: x.rank), isExclusive: node.flag("exclusive"),
      isReversed: node.flag("reverse"))
    return [Value(try context.apply(operation, context.node(x)), x.element)]
  }

  /// The places of what is not 0, which must be known: how many there are decides on the shape.
  private static func nonZero(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let x = try node.input(0)
    guard let elements = try node.elements(0)?.doubles else { return [] }
    let hits = elements.indices.filter { elements[$0] != 0 }
    let strides = x.shape.strides
    let places = x.shape.dimensions.indices.flatMap { axis in
      hits.map { Int64($0 / strides[axis] % x.shape[axis]) }
    }
    return [Value(.integers(places), [x.rank, hits.count], .int64)]
  }
}

extension ImportContext {
  /// Indices counted from the front: those below 0 count from the end.
  ///
  /// - Parameter extents: of the axis that is meant, or one for each element of the last axis.
  func fromFront(_ indices: Value, extents: [Int]) throws(ONNXError) -> Value {
    guard let known = indices.elements?.integers else {
      let isNegative = try combine(.less, indices, Value(scalar: 0, .int64))
      let ends =
        extents.count == 1
        ? Value(scalar: Double(extents[0]), .int64) : Value(integers: extents)
      return try combine(.add, indices, combine(.multiply, isNegative, ends))
    }
    var places: [Int64] = []
    places.reserveCapacity(known.count)
    for (number, index) in known.enumerated() {
      let extent = Int64(extents[number % extents.count])
      guard (-extent..<extent).contains(index) else {
        throw invalid("index \(index) lies outside of an axis of \(extent)")
      }
      places.append(index < 0 ? index + extent : index)
    }
    return Value(.integers(places), indices.shape, .int64)
  }

  /// Rows of a tensor replaced by others, or joined with them.
  ///
  /// - Parameter places: the rows' numbers, a list.
  func scatter(
    _ kind: Scatter.Kind, _ x: Value, _ places: Value, _ updates: Value
  ) throws(ONNXError) -> Value {
    guard kind == .replace, let old = x.folded, let new = updates.folded,
      let rows = places.folded?.integers, x.shape.count <= maxFoldedElements
    else {
      return Value(
        try apply(Scatter(kind), node(x), node(places), node(updates)), x.element)
    }
    let inner = x.shape.count / max(x.shape[0], 1)
    var sources = Array(0..<x.shape.count)
    for (number, row) in rows.enumerated() {
      for place in 0..<inner {
        sources[Int(row) * inner + place] = x.shape.count + number * inner + place
      }
    }
    return Value((old + new).picking(sources), x.shape, x.element)
  }
}
