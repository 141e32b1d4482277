import Graphs
import Tensors

/// What a network's output is along its classes, found on the way back from it.
///
/// A softmax or sigmoid need not be the last operation: layers that reshape, cast, clip or average stand
/// behind it in networks from elsewhere, and some write it by hand.
struct OutputTail {
  /// What a value is along the axis of classes.
  fileprivate enum Kind {
    /// Nothing is known.
    case scores
    /// In proportion to probabilities; `logits` are what a softmax made exactly these of.
    case distribution(logits: Node?)
    case partOfDistribution
    /// The logarithm of a distribution, or that of a part of one.
    case logDistribution(logits: Node?)
    case logPart
    /// A probability each, times a weight; `logits` are what a sigmoid made exactly these of.
    case sigmoid(logits: Node?, weight: Double = 1)
    /// 1 less a probability each.
    case complement(of: Node)
    /// Of length 1.
    case unitVector
  }

  private let kind: Kind

  init(_ output: Node) {
    let extents = output.shape.dimensions
    let axis = extents.indices.dropFirst().first { extents[$0] > 1 } ?? min(1, extents.count - 1)
    var walk = TailWalk()
    kind = extents.isEmpty ? .scores : walk.kind(of: output, axis)
  }

  /// - Parameter count: how many numbers the output holds for one element.
  func meaning(ofCount count: Int) -> OutputMeaning {
    switch kind {
    case .scores: return .logits
    case .distribution: return count > 1 ? .probabilities : .logits
    // Of two classes the one that was kept.
    case .partOfDistribution: return count > 1 ? .someProbabilities : .binary
    case .logPart: return .someProbabilities
    case .logDistribution: return .logProbabilities
    case .sigmoid, .complement: return count > 1 ? .labels : .binary
    case .unitVector: return .features
    }
  }

  /// The numbers before the last softmax or sigmoid, or such as would have been: as many as the output.
  func logits(of output: Node) throws(GraphError) -> Node {
    // Nothing is lost of a probability above, and 0 has a logarithm.
    let least: Float = 1e-37
    switch kind {
    case .scores, .unitVector, .logPart, .logDistribution(logits: nil): return output
    case .distribution(let logits?), .logDistribution(let logits?), .sigmoid(let logits?, _):
      return logits
    case .partOfDistribution where output.shape.count > output.shape[0]:
      return try (output + least).map(.log)
    case .distribution: return try (output + least).map(.log)
    case .sigmoid, .complement, .partOfDistribution:
      var p = output
      if case .sigmoid(_, let weight) = kind, weight != 1 { p = try output / Float(weight) }
      return try (p + least).map(.log) - (1 - p + least).map(.log)
    }
  }

  /// The same without any operation more: the output itself where its logits are of another shape.
  func plainLogits(of output: Node) -> Node {
    switch kind {
    case .distribution(let logits?), .sigmoid(let logits?, _):
      return logits.shape == output.shape ? logits : output
    default: return output
    }
  }

  /// The activation that made the output last; linear where there was none.
  var activation: Activation {
    switch kind {
    case .distribution(_?): .softmax
    case .sigmoid(_?, _): .sigmoid
    default: .linear
    }
  }
}

/// The way back from an output.
private struct TailWalk {
  /// How many operations are still looked at: networks may be of any depth, and share what they add.
  private var steps = 256

  mutating func kind(of node: Node, _ axis: Int) -> OutputTail.Kind {
    steps -= 1
    guard steps > 0 else { return .scores }
    let affine = Affine(node)
    if affine.isSigmoidByTanh { return .sigmoid(logits: nil) }
    if affine.root != node { return kind(of: kind(of: affine.root, axis), affine) }
    guard let operation = node.operation else { return .scores }
    let inputs = node.inputs
    switch operation {
    case let softmax as Softmax where softmax.axis == axis: return .distribution(logits: inputs[0])
    case let softmax as LogSoftmax where softmax.axis == axis:
      return .logDistribution(logits: inputs[0])
    case let function as Unary: return kind(of: function.kind, inputs[0], axis)
    case let function as Binary: return kind(of: function.kind, inputs[0], inputs[1], axis)
    case is Graphs.Reshape:
      guard let place = inputs[0].shape.axis(like: axis, of: node.shape) else { return .scores }
      return kind(of: inputs[0], place)
    case let transpose as Transpose: return kind(of: inputs[0], transpose.permutation[axis])
    case let reduce as Reduce where reduce.kind != .product:
      return kind(of: reduce, inputs[0], axis)
    case let pool as AveragePool where axis == 1 && pool.padding == 0:
      return averaged(kind(of: inputs[0], axis), weight: 1)
    case let join as Graphs.Concatenate: return kind(of: join, inputs, axis)
    case let slice as Slice:
      return part(
        kind(of: inputs[0], axis), isOfClasses: slice.takesPart(of: inputs[0].shape, axis))
    case let gather as Gather where inputs[1].shape.rank <= 1:
      let isBehind = inputs[1].shape.rank == 0 && gather.axis <= axis
      return part(
        kind(of: inputs[0], isBehind ? axis + 1 : axis),
        isOfClasses: gather.axis == axis && !isBehind)
    default: return .scores
    }
  }

  /// Through a product with a number and a sum with one.
  private func kind(of root: OutputTail.Kind, _ affine: Affine) -> OutputTail.Kind {
    let (scale, offset) = (affine.scale, affine.offset)
    let isNear = scale > 0 && abs(offset) <= 0.01 * scale
    let isExact = affine.isExact && offset == 0
    switch root {
    case .distribution(let logits) where isNear:
      return .distribution(logits: isExact ? logits : nil)
    case .partOfDistribution where isNear && scale == 1: return root
    case .logDistribution(let logits?) where abs(scale) == 1:
      return .logDistribution(logits: logits)
    case .logDistribution(logits: nil) where scale == 1: return root
    case .logPart where scale == 1 && offset == 0: return root
    case .sigmoid(let logits, let weight) where isNear:
      return .sigmoid(logits: isExact ? logits : nil, weight: weight * scale)
    case .sigmoid(_, weight: 1) where scale == -1 && offset == 1:
      return .complement(of: affine.root)
    case .unitVector where offset == 0: return root
    default: return .scores
    }
  }

  private mutating func kind(of function: Unary.Kind, _ x: Node, _ axis: Int) -> OutputTail.Kind {
    switch function {
    case .sigmoid: return .sigmoid(logits: x)
    case .hardSigmoid: return .sigmoid(logits: nil)
    case .exp:
      switch kind(of: x, axis) {
      case .logDistribution(let logits): return .distribution(logits: logits ?? x)
      case .logPart: return .partOfDistribution
      default: return .scores
      }
    case .log:
      switch kind(of: x, axis) {
      case .distribution(let logits): return .logDistribution(logits: logits)
      case .partOfDistribution: return .logPart
      case .sigmoid(let logits?, _): return .sigmoid(logits: logits)
      default: return .scores
      }
    default: return .scores
    }
  }

  private mutating func kind(of function: Binary.Kind, _ a: Node, _ b: Node, _ axis: Int)
    -> OutputTail.Kind
  {
    switch function {
    case .divide: return quotient(a, b, axis)
    case .multiply:
      for (x, y) in [(a, b), (b, a)] {
        // Dropout keeps what it drops from.
        if y.operation is DropoutMask { return kind(of: x, axis) }
        if case .reciprocal = (y.operation as? Unary)?.kind {
          return quotient(x, y.inputs[0], axis)
        }
      }
      return .scores
    case .add:
      switch (kind(of: a, axis), kind(of: b, axis)) {
      case (.distribution, .distribution): return .distribution(logits: nil)
      case (.sigmoid(_, let first), .sigmoid(_, let second)):
        return .sigmoid(logits: nil, weight: first + second)
      default: return .scores
      }
    case .maximum, .minimum: return chosen(among: [kind(of: a, axis), kind(of: b, axis)])
    default: return .scores
    }
  }

  /// A softmax by hand, other numbers from 0 up as shares of their sum, a vector divided by its length.
  private mutating func quotient(_ x: Node, _ divisor: Node, _ axis: Int) -> OutputTail.Kind {
    let norm = Affine(divisor.spreadFrom).root.spreadFrom
    if norm.isSum(of: x, axis) {
      if case .exp = (x.operation as? Unary)?.kind { return .distribution(logits: x.inputs[0]) }
      return x.isNonNegative ? .distribution(logits: nil) : .scores
    }
    if case .sqrt = (norm.operation as? Unary)?.kind {
      let sum = Affine(norm.inputs[0]).root
      if let square = sum.inputs.first, sum.isSum(of: square, axis), square.isSquare(of: x) {
        return .unitVector
      }
    }
    return .scores
  }

  /// Means, sums and extremes over other axes: of several networks, of several views, of places.
  private mutating func kind(of reduce: Reduce, _ x: Node, _ axis: Int) -> OutputTail.Kind {
    let kept = x.shape.dimensions.indices.filter { !reduce.axes.contains($0) }
    let place = reduce.keepsAxes ? axis : axis < kept.count ? kept[axis] : -1
    guard place >= 0, !reduce.axes.contains(place) else { return .scores }
    let inner = kind(of: x, place)
    let count = reduce.axes.reduce(1) { $0 * x.shape[$1] }
    if count == 1 { return inner }
    switch reduce.kind {
    case .mean: return averaged(inner, weight: 1)
    case .sum: return averaged(inner, weight: Double(count))
    default: return chosen(among: [inner])
    }
  }

  /// Sums of what has one kind, each sum of so many as `weight` says.
  private func averaged(_ kind: OutputTail.Kind, weight: Double) -> OutputTail.Kind {
    switch kind {
    case .distribution: .distribution(logits: nil)
    case .sigmoid(_, let own): .sigmoid(logits: nil, weight: own * weight)
    default: .scores
    }
  }

  /// Of probabilities the largest or smallest: each is one still, and they need not sum to 1.
  private func chosen(among kinds: [OutputTail.Kind]) -> OutputTail.Kind {
    if kinds.allSatisfy(\.isSigmoid) { return .sigmoid(logits: nil) }
    return kinds.allSatisfy(\.isDistribution) ? .partOfDistribution : .scores
  }

  private mutating func kind(of join: Graphs.Concatenate, _ parts: [Node], _ axis: Int)
    -> OutputTail.Kind
  {
    var kinds: [OutputTail.Kind] = []
    for part in parts { kinds.append(kind(of: part, axis)) }
    if kinds.count == 1 { return kinds[0] }
    guard join.axis == axis else {
      // Batches or views, each of the same kind.
      if kinds.allSatisfy(\.isSigmoid) { return .sigmoid(logits: nil) }
      if kinds.allSatisfy(\.isDistribution) { return .distribution(logits: nil) }
      let areLogarithms = kinds.allSatisfy {
        if case .logDistribution = $0 { true } else { false }
      }
      return areLogarithms ? .logDistribution(logits: nil) : .scores
    }
    if kinds.count == 2, parts.allSatisfy({ $0.shape[axis] == 1 }) {
      for (first, second) in [(0, 1), (1, 0)] {
        if case .complement(let other) = kinds[first], other.plain == parts[second].plain {
          return .distribution(logits: nil)
        }
      }
    }
    // Several answers beside each other: each a probability on its own.
    return kinds.allSatisfy { $0.isSigmoid || $0.isDistribution } ? .sigmoid(logits: nil) : .scores
  }

  private func part(_ kind: OutputTail.Kind, isOfClasses: Bool) -> OutputTail.Kind {
    switch kind {
    case .distribution: isOfClasses ? .partOfDistribution : .distribution(logits: nil)
    case .partOfDistribution: .partOfDistribution
    case .logDistribution: isOfClasses ? .logPart : .logDistribution(logits: nil)
    case .logPart: .logPart
    case .sigmoid(_, let weight): .sigmoid(logits: nil, weight: weight)
    case .complement: .sigmoid(logits: nil)
    case .scores, .unitVector: .scores
    }
  }
}

extension OutputTail.Kind {
  fileprivate var isDistribution: Bool {
    if case .distribution = self { true } else { false }
  }

  /// Whether it is a probability each as it stands.
  fileprivate var isSigmoid: Bool {
    switch self {
    case .sigmoid(_, weight: 1), .complement: true
    default: false
    }
  }
}

/// A value as scale · root + offset, as far as it is made by numbers that never change.
private struct Affine {
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
  fileprivate var operation: (any Operation)? {
    if case .operation(let operation) = graph.vertices[id.vertex].kind { operation } else { nil }
  }

  fileprivate var inputs: [Node] { graph.vertices[id.vertex].inputs.map { graph.node($0) } }

  /// The number that a constant of one element is.
  fileprivate var number: Double? {
    let source = spreadFrom
    guard case .constant(let tensor) = graph.vertices[source.id.vertex].kind, tensor.count == 1
    else { return nil }
    return Double(tensor.scalars[0])
  }

  /// What this is with other extents of 1, or repeated.
  fileprivate var spreadFrom: Node {
    var node = self
    while node.operation is Broadcast || node.operation is Graphs.Reshape { node = node.inputs[0] }
    return node
  }

  /// Itself without reshapes.
  fileprivate var plain: Node {
    var node = self
    while node.operation is Graphs.Reshape { node = node.inputs[0] }
    return node
  }

  fileprivate func isSum(of x: Node, _ axis: Int) -> Bool {
    guard let reduce = operation as? Reduce, reduce.kind == .sum, reduce.axes.contains(axis) else {
      return false
    }
    // The sum of the sizes of numbers from 0 up is their sum.
    var summed = inputs[0]
    if case .abs = (summed.operation as? Unary)?.kind, x.isNonNegative { summed = summed.inputs[0] }
    return summed == x && reduce.axes.allSatisfy { $0 == axis || x.shape[$0] == 1 }
  }

  fileprivate func isSquare(of x: Node) -> Bool {
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

  /// Whether it is made by a function that is nowhere below 0.
  fileprivate var isNonNegative: Bool {
    if operation is Softmax { return true }
    switch (operation as? Unary)?.kind {
    case .exp, .square, .abs, .relu, .sigmoid, .hardSigmoid, .softplus, .sqrt: return true
    case .clip(let minimum, _): return minimum >= 0
    default: return false
    }
  }
}

extension Slice {
  /// Whether only some of an axis is taken.
  fileprivate func takesPart(of shape: Shape, _ axis: Int) -> Bool {
    starts[axis] != 0 || ends[axis] != shape[axis] || steps[axis] != 1
  }
}

extension Shape {
  /// The axis that holds the same elements in the same order as one of another shape; nil where none
  /// does.
  fileprivate func axis(like other: Int, of shape: Shape) -> Int? {
    let before = shape.dimensions[..<other].reduce(1, *)
    return dimensions.indices.first { axis in
      self[axis] == shape[other] && dimensions[..<axis].reduce(1, *) == before
        && (self[axis] > 1 || axis > 0)
    }
  }
}
