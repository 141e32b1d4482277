import Graphs
import Tensors

/// Parts of tensors.
enum SliceOperators {
  static let table: [String: Operator] = [
    "Slice": Operator(slice), "Split": Operator(split), "Gather": Operator(gather),
    "CenterCropPad": Operator(centerCropPad),
  ]

  /// Bounds are attributes up to opset 9, inputs from 10 on; they are cut as Python cuts a list.
  private static func slice(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    guard let starts = try node.integers("starts", orInput: 1),
      let ends = try node.integers("ends", orInput: 2), starts.count == ends.count
    else { throw context.invalid("expected as many ends as starts") }
    let told = try node.integers("axes", orInput: 3)
    let axes = try node.axes(told ?? Array(starts.indices), of: x.rank)
    let steps = try node.knownIntegers(4) ?? [Int](repeating: 1, count: starts.count)
    try context.require(
      axes.count == starts.count && steps.count == starts.count && !steps.contains(0),
      "expected one start, end and step other than 0 for each axis")
    var first = [Int](repeating: 0, count: x.rank)
    var counts = x.shape.dimensions
    var strides = [Int](repeating: 1, count: x.rank)
    for (index, axis) in axes.enumerated() {
      let extent = x.shape[axis]
      // Larger steps reach no further than to the next end.
      let step = min(max(steps[index], -Int(Int32.max)), Int(Int32.max))
      func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        let place = value < 0 ? value &+ extent : value
        return min(max(place, range.lowerBound), range.upperBound)
      }
      let range = step > 0 ? 0...extent : -1...max(extent - 1, -1)
      let (start, end) = (bound(starts[index], range), bound(ends[index], range))
      let reach = step > 0 ? end - start : start - end
      first[axis] = start
      counts[axis] = max((reach + abs(step) - 1) / abs(step), 0)
      strides[axis] = step
    }
    return [try context.slice(x, starts: first, counts: counts, steps: strides)]
  }

  /// Parts are an attribute up to opset 12, an input from 13 on, their number from 18 on; equal where
  /// none are told, the last one smaller.
  private static func split(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axis = try node.axis(node.integer("axis", default: 0), of: x.rank)
    let number = node.integer("num_outputs", default: node.outputCount)
    var parts = try node.integers("split", orInput: 1) ?? []
    if parts.isEmpty {
      try context.require((1...65_536).contains(number), "\(number) parts")
      let size = (x.shape[axis] + number - 1) / number
      parts = (0..<number).map { min(size, max(x.shape[axis] - $0 * size, 0)) }
    }
    var end = 0
    for part in parts {
      try context.require(part >= 0 && part <= x.shape[axis] - end, "parts \(parts) of \(x.shape)")
      end += part
    }
    try context.require(end == x.shape[axis], "parts \(parts) of \(x.shape)")
    var start = 0
    return try parts.map { (part) throws(ONNXError) -> Value in
      defer { start += part }
      var starts = [Int](repeating: 0, count: x.rank)
      starts[axis] = start
      return try context.slice(
        x, starts: starts, counts: x.shape.replacing(axis: axis, with: part).dimensions,
        steps: [Int](repeating: 1, count: x.rank))
    }
  }

  private static func gather(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    try context.require(x.rank > 0, "expected axes to pick from")
    let axis = try node.axis(node.integer("axis", default: 0), of: x.rank)
    return [try context.gather(x, node.input(1), axis: axis)]
  }

  /// The center of each axis, or zeros around it; the odd cell is cut or added behind.
  private static func centerCropPad(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axes = try node.axes(node.integers("axes") ?? Array(0..<x.rank), of: x.rank)
    guard let wanted = try node.knownIntegers(1), wanted.count == axes.count else {
      throw context.invalid("expected one extent for each axis")
    }
    _ = try node.require(wanted, "shape", atLeast: 1)
    var pads = [Int](repeating: 0, count: 2 * x.rank)
    for (axis, extent) in zip(axes, wanted) {
      let missing = extent - x.shape[axis]
      let before = missing >= 0 ? missing / 2 : -(-missing / 2)
      pads[axis] = before
      pads[x.rank + axis] = missing - before
    }
    return [try PadOperators.pad(x, pads, .constant(0), context)]
  }
}
