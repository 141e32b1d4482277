import Graphs
import Tensors

/// A value as scale · root + offset, as far as it is made by numbers that never change.
struct Affine {
  private(set) var root: Node
  private(set) var scale = 1.0
  private(set) var offset = 0.0
  /// Whether nothing was rounded or cut off.
  private(set) var isExact = true

  init(_ node: Node) {
    root = node
    while step() {}
  }

  /// Whether it is (1 + tanh x) / 2, the sigmoid of 2 x.
  var isSigmoidByTanh: Bool {
    if scale == 0.5, offset == 0.5, case .tanh = (root.operation as? Unary)?.kind { return true }
    return false
  }

  /// Goes one operation back.
  private mutating func step() -> Bool {
    let inputs = root.inputs
    switch root.operation {
    case let function as Unary:
      switch function.kind {
      case .negate: scale = -scale
      case .round, .clip: isExact = false
      case .rounded: break
      default: return false
      }
      root = inputs[0]
      return true
    case let function as Binary:
      for (x, other, isFirst) in [(0, 1, true), (1, 0, false)] {
        guard let number = inputs[other].number else { continue }
        switch function.kind {
        case .multiply: scale *= number
        case .divide where isFirst && number != 0: scale /= number
        case .add: offset += scale * number
        case .subtract where isFirst: offset -= scale * number
        case .subtract:
          offset += scale * number
          scale = -scale
        case .maximum, .minimum: isExact = false
        default: return false
        }
        root = inputs[x]
        return true
      }
      return false
    default: return false
    }
  }
}

extension Node {
  var operation: (any Operation)? {
    if case .operation(let operation) = graph.vertices[id.vertex].kind { operation } else { nil }
  }

  var inputs: [Node] { graph.vertices[id.vertex].inputs.map { graph.node($0) } }

  /// The number that a constant of one element is.
  var number: Double? {
    let source = spreadFrom
    guard case .constant(let tensor) = graph.vertices[source.id.vertex].kind, tensor.count == 1
    else { return nil }
    return Double(tensor.scalars[0])
  }

  /// What this is with other extents of 1, or repeated.
  var spreadFrom: Node {
    var node = self
    while node.operation is Broadcast || node.operation is Graphs.Reshape { node = node.inputs[0] }
    return node
  }

  /// Itself without reshapes.
  var plain: Node {
    var node = self
    while node.operation is Graphs.Reshape { node = node.inputs[0] }
    return node
  }

  func isSum(of x: Node, _ axis: Int) -> Bool {
    guard let reduce = operation as? Reduce, reduce.kind == .sum, reduce.axes.contains(axis) else {
      return false
    }
    // The sum of the sizes of numbers from 0 up is their sum.
    var summed = inputs[0]
    if case .abs = (summed.operation as? Unary)?.kind, x.isNonNegative { summed = summed.inputs[0] }
    return summed == x && reduce.axes.allSatisfy { $0 == axis || x.shape[$0] == 1 }
  }

  func isSquare(of x: Node) -> Bool {
    switch operation {
    case let function as Unary:
      if case .square = function.kind { return inputs[0] == x }
      return false
    case let function as Binary where function.kind == .multiply:
      return inputs[0] == x && inputs[1] == x
    case let function as Binary where function.kind == .power:
      return inputs[0] == x && inputs[1].number == 2
    default: return false
    }
  }

  /// Whether it is ln Σ eˣ along an axis, the largest x taken off first or not.
  func isLogSumExp(of x: Node, _ axis: Int) -> Bool {
    func isLog(of powers: (Node) -> Bool, _ node: Node) -> Bool {
      guard case .log = (node.operation as? Unary)?.kind, let sum = node.inputs.first,
        let summed = sum.inputs.first, sum.isSum(of: summed, axis),
        case .exp = (summed.operation as? Unary)?.kind
      else { return false }
      return powers(summed.inputs[0])
    }
    if isLog(of: { $0 == x }, self) { return true }
    guard let sum = operation as? Binary, sum.kind == .add else { return false }
    return [(0, 1), (1, 0)].contains { log, largest in
      let largest = inputs[largest].spreadFrom
      return isLog(
        of: { lowered in
          guard let difference = lowered.operation as? Binary, difference.kind == .subtract
          else { return false }
          return lowered.inputs[0] == x && lowered.inputs[1].spreadFrom == largest
        }, inputs[log].spreadFrom)
    }
  }

  /// Whether it is made by a function that is nowhere below 0.
  var isNonNegative: Bool {
    if operation is Softmax { return true }
    if let function = operation as? Binary, function.kind == .multiply {
      return inputs[0] == inputs[1]
        || inputs.allSatisfy { input in
          !((input.operation as? Binary).map { $0.kind == .multiply } ?? false)
            && input.isNonNegative
        }
    }
    switch (operation as? Unary)?.kind {
    case .exp, .square, .abs, .relu, .sigmoid, .hardSigmoid, .softplus, .sqrt: return true
    case .clip(let minimum, _): return minimum >= 0
    default: return false
    }
  }
}

extension Slice {
  /// Whether only some of an axis is taken.
  func takesPart(of shape: Shape, _ axis: Int) -> Bool {
    starts[axis] != 0 || ends[axis] != shape[axis] || steps[axis] != 1
  }
}

extension Graphs.Concatenate {
  /// Whether the parts are slices of one value that together are all of an axis, in any order.
  func reassembles(_ parts: [Node], along axis: Int) -> Bool {
    guard let whole = parts.first?.inputs.first else { return false }
    var next = 0
    let slices = parts.compactMap { part in
      part.inputs.first == whole ? part.operation as? Slice : nil
    }.sorted { $0.starts[axis] < $1.starts[axis] }
    for slice in slices {
      guard slice.starts[axis] == next, slice.steps.allSatisfy({ $0 == 1 }) else { return false }
      next = slice.ends[axis]
    }
    let others = whole.shape.dimensions.indices.filter { $0 != axis }
    return slices.count == parts.count && next == whole.shape[axis]
      && slices.allSatisfy { slice in
        others.allSatisfy { slice.starts[$0] == 0 && slice.ends[$0] == whole.shape[$0] }
      }
  }
}

extension Shape {
  /// The axis that holds the same elements in the same order as one of another shape; nil where none
  /// does.
  func axis(like other: Int, of shape: Shape) -> Int? {
    let before = shape.dimensions[..<other].reduce(1, *)
    return dimensions.indices.first { axis in
      self[axis] == shape[other] && dimensions[..<axis].reduce(1, *) == before
        && (self[axis] > 1 || axis > 0)
    }
  }
}
