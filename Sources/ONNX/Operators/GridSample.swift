import Graphs
import Tensors

/// Images seen at places that another tensor gives (Jaderberg et al. 2015, "Spatial Transformer
/// Networks", arXiv 1506.02025).
///
/// X: N × C × D…; grid: N × E… × the number of D, the last axis from the last of D on, -1…1 from one end
/// to the other. Y: N × C × E…
enum GridSampleOperator {
  static let table: [String: Operator] = ["GridSample": Operator(gridSample)]

  private enum Mode {
    case nearest, linear, cubic
  }

  private enum Outside: String {
    case zeros, border, reflection
  }

  private static func gridSample(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, grid, context) = (try node.input(0), try node.input(1), node.context)
    let spatial = x.rank - 2
    try context.require(
      (1...3).contains(spatial) && grid.rank == x.rank && grid.shape[0] == x.shape[0]
        && grid.shape[grid.rank - 1] == spatial,
      "a grid of \(grid.shape) for images of \(x.shape)")
    let mode: Mode
    switch node.text("mode") ?? "linear" {
    case "nearest": mode = .nearest
    case "linear", "bilinear": mode = .linear
    case "cubic", "bicubic": mode = .cubic
    case let other: throw context.unsupported("mode \(other)")
    }
    let name = node.text("padding_mode") ?? "zeros"
    guard let outside = Outside(rawValue: name) else {
      throw context.unsupported("padding_mode \(name)")
    }
    let alignsCorners = node.flag("align_corners")

    // Of every axis of D: the cells around each place, and their weights.
    var axes: [[Neighbor]] = []
    for axis in 0..<spatial {
      let along = try context.reshape(
        context.gather(
          grid, Value(.integers([Int64(spatial - 1 - axis)]), [], .int64), axis: grid.rank - 1),
        to: Shape(grid.shape.dimensions.dropLast()))
      let sampling = Axis(
        extent: x.shape[axis + 2], alignsCorners: alignsCorners, outside: outside,
        context: context)
      axes.append(try sampling.neighbors(of: along, mode))
    }
    return [try context.weightedCells(x, axes, at: Array(grid.shape.dimensions.dropLast()))]
  }

  /// One axis of the images.
  private struct Axis {
    let extent: Int
    let alignsCorners: Bool
    let outside: Outside
    let context: ImportContext

    private func number(_ value: Double) -> Value { Value(scalar: value) }

    private func combine(_ kind: Binary.Kind, _ a: Value, _ b: Value) throws(ONNXError) -> Value {
      try context.combine(kind, a, b)
    }

    func neighbors(of place: Value, _ mode: Mode) throws(ONNXError) -> [Neighbor] {
      // From -1…1 to cells: from the first's center to the last's, or from edge to edge.
      let scale = alignsCorners ? Double(extent - 1) / 2 : Double(extent) / 2
      var x = try combine(
        .add, combine(.multiply, place, number(scale)), number(Double(extent - 1) / 2))
      if mode != .cubic { x = try inside(x) }
      if mode == .nearest { return [try neighbor(context.map(.round, x), weight: number(1))] }
      let base = try context.map(.floor, x)
      let ratio = try combine(.subtract, x, base)
      guard mode == .cubic else {
        return [
          try neighbor(base, weight: combine(.subtract, number(1), ratio)),
          try neighbor(combine(.add, base, number(1)), weight: ratio),
        ]
      }
      return try (-1...2).map { (offset) throws(ONNXError) in
        let distance = try context.map(
          .abs, combine(.subtract, ratio, number(Double(offset))))
        return try neighbor(
          inside(combine(.add, base, number(Double(offset)))),
          weight: (0...1).contains(offset) ? near(distance) : far(distance))
      }
    }

    /// R. Keys: *Cubic Convolution Interpolation for Digital Image Processing*. 1981; a is −¾.
    private func near(_ t: Value) throws(ONNXError) -> Value {
      // (1.25 t − 2.25) t² + 1
      let slope = try combine(.subtract, combine(.multiply, t, number(1.25)), number(2.25))
      return try combine(
        .add, combine(.multiply, slope, context.map(.square, t)), number(1))
    }

    private func far(_ t: Value) throws(ONNXError) -> Value {
      // −¾ (((t − 5) t + 8) t − 4)
      let inner = try combine(
        .add, combine(.multiply, combine(.subtract, t, number(5)), t), number(8))
      return try combine(
        .multiply, combine(.subtract, combine(.multiply, inner, t), number(4)), number(-0.75))
    }

    /// A coordinate that border or reflection bring back into the axis.
    private func inside(_ x: Value) throws(ONNXError) -> Value {
      switch outside {
      case .zeros: return x
      case .border: return try context.map(.clip(minimum: 0, maximum: Float(extent - 1)), x)
      case .reflection:
        let (low, span) =
          alignsCorners ? (0, Double(extent - 1)) : (-0.5, Double(extent))
        guard span > 0 else { return try combine(.multiply, x, number(0)) }
        // Back and forth: |((x − low) mod 2 span) − span| counts from the far end.
        let start = try combine(.subtract, x, number(low))
        let turns = try context.map(.floor, combine(.divide, start, number(2 * span)))
        let rest = try combine(.subtract, start, combine(.multiply, turns, number(2 * span)))
        let distance = try context.map(.abs, combine(.subtract, rest, number(span)))
        let turned = try combine(.subtract, number(span + low), distance)
        return try context.map(.clip(minimum: 0, maximum: Float(extent - 1)), turned)
      }
    }

    /// A cell and its weight, which is 0 outside of the axis.
    private func neighbor(_ cell: Value, weight: Value) throws(ONNXError) -> Neighbor {
      let last = number(Double(extent - 1))
      let isInside = try combine(
        .multiply, combine(.greaterOrEqual, cell, number(0)),
        combine(.lessOrEqual, cell, last))
      let place = try context.map(.clip(minimum: 0, maximum: Float(extent - 1)), cell)
      return Neighbor(place: place, weight: try context.select(isInside, weight, number(0)))
    }
  }
}

/// A cell along one axis, for each of many places, and how much of it is seen there.
struct Neighbor {
  /// 0 ..< the extent.
  let place: Value
  let weight: Value
}

extension ImportContext {
  /// Sums of cells of images around given places, weighted by the products of their weights along all
  /// axes.
  ///
  /// - Parameters:
  ///   - x: N × C × D…
  ///   - axes: for each of D the cells around each place; of a shape that broadcasts to `extents`.
  ///   - extents: N × E…, the places.
  /// - Returns: N × C × E…
  func weightedCells(
    _ x: Value, _ axes: [[Neighbor]], at extents: [Int]
  ) throws(ONNXError) -> Value {
    let (batch, channels) = (x.shape[0], x.shape[1])
    let area = x.shape.dimensions[2...].reduce(1, *)
    guard batch * area <= 1 << 24 else { throw unsupported("places in images of \(x.shape)") }
    let strides = Shape(Array(x.shape.dimensions[2...])).strides
    // Every place of every image is a row of its channels.
    let rows = try reshape(
      transpose(x, [0] + Array(2..<x.rank) + [1]), to: [batch * area, channels])
    let ones = [Int](repeating: 1, count: extents.count - 1)
    let images = try reshape(
      Value(integers: (0..<batch).map { $0 * area }), to: Shape([batch] + ones))
    let count = extents.reduce(1, *)
    var sum: Value?
    for choice in Self.choices(axes.map(\.count)) {
      var place = images
      var weight = Value(scalar: 1)
      for (axis, index) in choice.enumerated() {
        let neighbor = axes[axis][index]
        place = try combine(
          .add, place, combine(.multiply, neighbor.place, Value(scalar: Double(strides[axis]))))
        weight = try combine(.multiply, weight, neighbor.weight)
      }
      place.element = .int64
      let flat = try reshape(broadcast(place, to: Shape(extents)), to: [count])
      let share = try reshape(broadcast(weight, to: Shape(extents)), to: [count, 1])
      let part = try combine(.multiply, gather(rows, flat, axis: 0), share)
      sum = try sum.map { (sum) throws(ONNXError) in try combine(.add, sum, part) } ?? part
    }
    guard let sum else { throw invalid("images without axes") }
    let last = extents.count
    return try transpose(
      reshape(sum, to: Shape(extents + [channels])), [0, last] + Array(1..<last))
  }

  /// All choices of one index below each count.
  private static func choices(_ counts: [Int]) -> [[Int]] {
    counts.reduce([[]]) { choices, count in
      choices.flatMap { choice in (0..<count).map { choice + [$0] } }
    }
  }
}
