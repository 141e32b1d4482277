import Graphs
import Tensors

/// Cells around a tensor.
enum PadOperators {
  static let table: [String: Operator] = ["Pad": Operator(pad)]

  /// What added cells hold.
  enum Mode {
    case constant(Float)
    /// Mirrored without repeating the edge.
    case reflect
    /// The edge repeated.
    case edge
    /// The other end.
    case wrap
  }

  /// Pads and value are attributes up to opset 10, inputs from 11 on. Negative pads cut off.
  private static func pad(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    guard let told = try node.integers("pads", orInput: 1) else {
      throw context.invalid("pads are missing")
    }
    let given = try node.elements(2)?.doubles.first ?? 0
    let number = node.float("value", default: Float(given))
    let axes = try node.axes(try node.knownIntegers(3) ?? Array(0..<x.rank), of: x.rank)
    try context.require(
      told.count == 2 * axes.count
        && told.allSatisfy { (-Int(Int32.max)...Int(Int32.max)).contains($0) },
      "pads \(told) for \(axes.count) axes")
    var pads = [Int](repeating: 0, count: 2 * x.rank)
    for (index, axis) in axes.enumerated() {
      pads[axis] = told[index]
      pads[x.rank + axis] = told[axes.count + index]
    }
    let mode: Mode
    switch node.text("mode") ?? "constant" {
    case "constant": mode = .constant(number)
    case "reflect": mode = .reflect
    case "edge": mode = .edge
    case "wrap": mode = .wrap
    case let other: throw context.unsupported("mode \(other)")
    }
    return [try pad(x, pads, mode, context)]
  }

  /// - Parameter pads: first those before each axis, then those behind.
  static func pad(
    _ x: Value, _ pads: [Int], _ mode: Mode, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    let rank = x.rank
    let shape = Shape((0..<rank).map { x.shape[$0] + pads[$0] + pads[rank + $0] })
    try context.requireSize(shape)
    try context.require(shape.count > 0, "nothing is left of \(x.shape)")
    // First what is cut off.
    let cut = (0..<rank).map { (max(-pads[$0], 0), max(-pads[rank + $0], 0)) }
    let counts = (0..<rank).map { x.shape[$0] - cut[$0].0 - cut[$0].1 }
    try context.require(counts.allSatisfy { $0 >= 0 }, "more is cut off than there is")
    let kept = try context.slice(
      x, starts: cut.map(\.0), counts: counts, steps: [Int](repeating: 1, count: rank))
    if kept.shape == shape { return kept }
    let (before, after) = (pads[..<rank].map { max($0, 0) }, pads[rank...].map { max($0, 0) })
    if case .constant(let value) = mode {
      if kept.shape.count == 0 {
        return try context.broadcast(Value(scalar: Double(value), x.element), to: shape)
      }
      let operation = Pad(before: before, after: after, mode: .constant(value))
      return Value(try context.apply(operation, context.node(kept)), x.element)
    }
    try context.require(kept.shape.count > 0, "nothing to copy from")
    var result = kept
    for axis in 0..<rank where before[axis] + after[axis] > 0 {
      let extent = kept.shape[axis]
      let places = (-before[axis]..<extent + after[axis]).map { source(of: $0, extent, mode) }
      let indices = Value(integers: places)
      result = try context.gather(result, indices, axis: axis)
    }
    return result
  }

  /// The cell that a position before, in or behind an axis shows.
  private static func source(of position: Int, _ extent: Int, _ mode: Mode) -> Int {
    func modulo(_ a: Int, _ b: Int) -> Int { (a % b + b) % b }
    switch mode {
    case .constant, .edge: return min(max(position, 0), extent - 1)
    case .wrap: return modulo(position, extent)
    case .reflect:
      if extent == 1 { return 0 }
      let place = modulo(position, 2 * (extent - 1))
      return place < extent ? place : 2 * (extent - 1) - place
    }
  }
}
