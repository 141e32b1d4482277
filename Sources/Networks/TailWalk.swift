import Graphs
import Tensors

/// The way back from an output.
struct TailWalk {
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
    case .reciprocal: return logistic(numerator: 1, x)
    // What is nowhere below 0 stays as it is.
    case .relu, .abs:
      let inner = kind(of: x, axis)
      switch inner {
      case .distribution, .partOfDistribution, .sigmoid: return inner
      default: return .scores
      }
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
    case .divide:
      if let number = a.number { return logistic(numerator: number, b) }
      return quotient(a, b, axis)
    case .subtract where b.spreadFrom.isLogSumExp(of: a, axis): return .logDistribution(logits: a)
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

  /// A sigmoid by hand: 1 / (1 + exp(−z)).
  private func logistic(numerator: Double, _ divisor: Node) -> OutputTail.Kind {
    let affine = Affine(divisor)
    guard case .exp = (affine.root.operation as? Unary)?.kind, affine.offset > 0,
      affine.scale > 0, numerator == affine.offset
    else { return .scores }
    return .sigmoid(logits: nil)
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
    if join.reassembles(parts, along: axis), let whole = parts.first?.inputs.first {
      return part(kind(of: whole, axis), isOfClasses: false)
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
