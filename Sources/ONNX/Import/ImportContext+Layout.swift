import Graphs
import Tensors

// Elements in other places. Of known values they are moved at once, of others they join the graph.

extension ImportContext {
  func reshape(_ x: Value, to shape: Shape) throws(ONNXError) -> Value {
    guard x.shape.count == shape.count else {
      throw invalid("\(x.shape) cannot be reshaped to \(shape)")
    }
    if x.shape == shape { return x }
    if let elements = x.folded { return Value(elements, shape, x.element) }
    return Value(try apply(Reshape(shape), node(x)), x.element)
  }

  /// Axis `permutation[i]` becomes axis `i`.
  func transpose(_ x: Value, _ permutation: [Int]) throws(ONNXError) -> Value {
    guard permutation.sorted() == Array(0..<x.rank) else {
      throw invalid("\(permutation) is no permutation of the axes of \(x.shape)")
    }
    if permutation == Array(0..<x.rank) { return x }
    if let elements = x.folded {
      let shape = Shape(permutation.map { x.shape[$0] })
      let strides = x.shape.strides
      let places = Self.places(shape, strides: permutation.map { strides[$0] }, offset: 0)
      return Value(elements.picking(places), shape, x.element)
    }
    // Axes of extent 1 may pass each other without any element moving.
    let moving = permutation.filter { x.shape[$0] != 1 }
    if moving == moving.sorted() {
      return try reshape(x, to: Shape(permutation.map { x.shape[$0] }))
    }
    return Value(try apply(Transpose(permutation), node(x)), x.element)
  }

  /// Repeated along axes that are 1 or missing in front.
  func broadcast(_ x: Value, to shape: Shape) throws(ONNXError) -> Value {
    guard x.shape.broadcast(with: shape) == shape else {
      throw invalid("\(x.shape) does not broadcast to \(shape)")
    }
    if x.shape == shape { return x }
    try requireSize(shape)
    if let elements = x.folded, shape.count <= maxFoldedElements {
      return Value(elements.picking(Self.places(of: x.shape, in: shape)), shape, x.element)
    }
    return Value(try apply(Broadcast(shape), node(x)), x.element)
  }

  /// `count` elements along each axis from `starts` on, every `steps`-th; steps may be negative.
  func slice(
    _ x: Value, starts: [Int], counts: [Int], steps: [Int]
  ) throws(ONNXError) -> Value {
    let shape = Shape(counts)
    if shape == x.shape, steps.allSatisfy({ $0 > 0 }) { return x }
    if shape.count == 0 { return empty(shape, x.element) }
    if let elements = x.folded {
      let strides = x.shape.strides
      let places = Self.places(
        shape, strides: zip(strides, steps).map(*),
        offset: zip(strides, starts).map(*).reduce(0, +))
      return Value(elements.picking(places), shape, x.element)
    }
    var node = try node(x)
    let forward = x.shape.dimensions.indices.filter { steps[$0] > 0 }
    let slice = Slice(
      starts: x.shape.dimensions.indices.map { steps[$0] > 0 ? starts[$0] : 0 },
      ends: x.shape.dimensions.indices.map {
        steps[$0] > 0 ? starts[$0] + (counts[$0] - 1) * steps[$0] + 1 : x.shape[$0]
      },
      steps: steps.map { max($0, 1) })
    if forward.contains(where: { counts[$0] != x.shape[$0] }) { node = try apply(slice, node) }
    for axis in x.shape.dimensions.indices where steps[axis] < 0 {
      node = try pick(node, axis, (0..<counts[axis]).map { starts[axis] + $0 * steps[axis] })
    }
    return Value(node, x.element)
  }

  /// The slices of the given numbers along an axis, one after the other.
  func pick(_ x: Node, _ axis: Int, _ places: [Int]) throws(ONNXError) -> Node {
    let indices = try constant([places.count]) { places.map { Float($0) } }
    return try apply(Gather(axis: axis), x, indices)
  }

  /// One after the other along an axis; those without elements are left out.
  func concatenate(_ values: [Value], axis: Int) throws(ONNXError) -> Value {
    guard let first = values.first else { throw invalid("nothing to join") }
    var extent = 0
    for value in values {
      guard value.rank == first.rank, axis < value.rank,
        value.shape.replacing(axis: axis, with: 0) == first.shape.replacing(axis: axis, with: 0)
      else { throw invalid("\(first.shape) and \(value.shape) cannot be joined on axis \(axis)") }
      let (sum, overflow) = extent.addingReportingOverflow(value.shape[axis])
      extent = overflow ? .max : sum
    }
    let shape = first.shape.replacing(axis: axis, with: extent)
    try requireSize(shape)
    let parts = values.filter { $0.shape.count > 0 }
    if parts.isEmpty { return empty(shape, first.element) }
    if parts.count == 1 { return parts[0] }
    if parts.allSatisfy({ $0.folded != nil }), shape.count <= maxFoldedElements {
      var joined = Elements.integers([])
      var starts: [Int] = []
      for part in parts {
        starts.append(joined.count)
        joined = joined + (part.folded ?? .integers([]))
      }
      // Rows of everything from the axis on, part by part.
      let rows = shape.dimensions[..<axis].reduce(1, *)
      let places = (0..<rows).flatMap { row in
        parts.indices.flatMap { index in
          let run = parts[index].shape.count / rows
          return (0..<run).map { starts[index] + row * run + $0 }
        }
      }
      return Value(joined.picking(places), shape, first.element)
    }
    let nodes = try parts.map { (part) throws(ONNXError) in try node(part) }
    return Value(try apply(Concatenate(axis: axis), nodes)[0], first.element)
  }

  /// x[…, indices, …] along an axis; negative indices count from the end.
  func gather(_ x: Value, _ indices: Value, axis: Int) throws(ONNXError) -> Value {
    try require(axis < x.rank, "expected an axis \(axis) to pick from, received \(x.shape)")
    let extent = x.shape[axis]
    let shape = Shape(
      x.shape.dimensions[..<axis] + indices.shape.dimensions + x.shape.dimensions[(axis + 1)...])
    try requireSize(shape)
    if shape.count == 0 { return empty(shape, x.element) }
    guard let known = indices.elements?.integers else {
      let index = try combine(
        .add, indices,
        combine(
          .multiply, combine(.less, indices, Value(scalar: 0, .int64)),
          Value(scalar: Double(extent), .int64)))
      return Value(try apply(Gather(axis: axis), node(x), node(index)), x.element)
    }
    let places = try known.map { (index) throws(ONNXError) -> Int in
      guard (-Int64(extent)..<Int64(extent)).contains(index) else {
        throw invalid("index \(index) lies outside of an axis of \(extent)")
      }
      return Int(index < 0 ? index + Int64(extent) : index)
    }
    if let elements = x.folded, shape.count <= maxFoldedElements {
      let run = x.shape.dimensions[(axis + 1)...].reduce(1, *)
      let rows = x.shape.dimensions[..<axis].reduce(1, *)
      let all = (0..<rows).flatMap { row in
        places.flatMap { place in (0..<run).map { (row * extent + place) * run + $0 } }
      }
      return Value(elements.picking(all), shape, x.element)
    }
    // One index is a slice.
    if places.count == 1 {
      var starts = [Int](repeating: 0, count: x.rank)
      starts[axis] = places[0]
      let one = try slice(
        x, starts: starts, counts: x.shape.replacing(axis: axis, with: 1).dimensions,
        steps: [Int](repeating: 1, count: x.rank))
      return try reshape(one, to: shape)
    }
    return try reshape(Value(pick(node(x), axis, places), x.element), to: shape)
  }

  func empty(_ shape: Shape, _ element: ONNXElement) -> Value {
    Value(Elements.integers([]).converted(to: element), shape, element)
  }

  // MARK: - Reductions

  /// Reduces axes, each from 0 up to the rank.
  func reduce(
    _ kind: Reduce.Kind, _ x: Value, axes: [Int], keepsAxes: Bool
  ) throws(ONNXError) -> Value {
    if axes.isEmpty { return x }
    let kept = Shape(
      x.shape.dimensions.indices.map { axes.contains($0) ? 1 : x.shape[$0] })
    let shape =
      keepsAxes
      ? kept : Shape(x.shape.dimensions.indices.filter { !axes.contains($0) }.map { x.shape[$0] })
    guard let elements = x.folded else {
      return Value(
        try apply(Reduce(kind, axes: axes, keepsAxes: keepsAxes), node(x)), x.element)
    }
    let targets = Self.places(
      x.shape,
      strides: zip(kept.strides, kept.dimensions).map {
        $1 == 1 ? 0 : $0
      }, offset: 0)
    if case .integers(let values) = elements, kind != .mean {
      let start: Int64 =
        switch kind {
        case .product: 1
        case .max: .min
        case .min: .max
        default: 0
        }
      var results = [Int64](repeating: start, count: kept.count)
      for (value, target) in zip(values, targets) {
        switch kind {
        case .product: results[target] &*= value
        case .max: results[target] = max(results[target], value)
        case .min: results[target] = min(results[target], value)
        default: results[target] &+= value
        }
      }
      return Value(.integers(results), shape, x.element)
    }
    let start: Double =
      switch kind {
      case .product: 1
      case .max: -.infinity
      case .min: .infinity
      default: 0
      }
    var results = [Double](repeating: start, count: kept.count)
    for (value, target) in zip(elements.doubles, targets) {
      switch kind {
      case .product: results[target] *= value
      case .max: results[target] = max(results[target], value)
      case .min: results[target] = min(results[target], value)
      default: results[target] += value
      }
    }
    if kind == .mean {
      let share = Double(kept.count) / Double(max(x.shape.count, 1))
      results = results.map { $0 * share }
    }
    return Value(Elements.floats(results).converted(to: x.element), shape, x.element)
  }
}
