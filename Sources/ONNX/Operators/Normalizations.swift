import Graphs
import Networks
import Tensors

/// Normalizations, and dropout, which does nothing when a network is asked.
enum NormalizationOperators {
  static let table: [String: Operator] = [
    "BatchNormalization": Operator(batch), "InstanceNormalization": Operator(instance),
    "GroupNormalization": Operator(group), "LayerNormalization": Operator(layer),
    "RMSNormalization": Operator(rootMeanSquare),
    "MeanVarianceNormalization": Operator(meanVariance), "LRN": Operator(localResponse),
    "LpNormalization": Operator(lp),
    "Dropout": Operator(dropout),
  ]

  // MARK: - BatchNormalization

  /// With kept statistics, or with `training_mode` (opset 14) with the batch's own. A network that is
  /// being trained uses the batch's own, too, and keeps them for later.
  private static func batch(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let epsilon = node.float("epsilon", default: 1e-5)
    let momentum = node.float("momentum", default: 0.9)
    if !node.flag("spatial", default: true) {
      throw context.unsupported("statistics for each place (spatial = 0)")
    }
    let (scale, shift) = (try context.node(node.input(1)), try context.node(node.input(2)))
    let mean = try context.node(node.input(3), isTrainable: false)
    let variance = try context.node(node.input(4), isTrainable: false)
    guard node.flag("training_mode") else {
      guard (1..<5).allSatisfy({ !node.hasOutput($0) }) else {
        throw context.unsupported("statistics as outputs without training_mode")
      }
      if context.mode == .training, context.canKeep(mean, variance) {
        let input = try context.node(x)
        let y = try context.graphed { (graph) throws(GraphError) in
          try graph.normalizedByBatch(
            input, scale, shift, running: (mean, variance), epsilon: epsilon,
            momentum: 1 - momentum, updatesStatistics: context.updatesStatistics)
        }
        return [Value(y, x.element)]
      }
      let y = try context.apply(
        BatchNormalizationInference(epsilon: epsilon), context.node(x), scale, shift, mean,
        variance)
      return [Value(y, x.element)]
    }
    let outputs = try context.apply(
      BatchNormalization(epsilon: epsilon), [context.node(x), scale, shift])
    let running = try zip([mean, variance], outputs[1...]).map { (kept, own) throws(ONNXError) in
      try context.combine(
        .add,
        context.combine(.multiply, Value(kept, x.element), number(momentum, x)),
        context.combine(.multiply, Value(own, x.element), number(1 - momentum, x)))
    }
    return [Value(outputs[0], x.element)] + running
  }

  private static func number(_ value: Float, _ x: Value) -> Value {
    Value(scalar: Double(value), x.element)
  }

  // MARK: - Statistics of each element of the batch

  /// (x − mean) / √(variance + ε) over some axes.
  private static func normalized(
    _ x: Value, axes: [Int], epsilon: Float, _ context: ImportContext
  ) throws(ONNXError) -> (Value, mean: Value, inverseDeviation: Value) {
    let mean = try context.reduce(.mean, x, axes: axes, keepsAxes: true)
    let centered = try context.combine(.subtract, x, mean)
    let variance = try context.reduce(
      .mean, context.map(.square, centered), axes: axes, keepsAxes: true)
    let deviation = try context.map(.sqrt, context.combine(.add, variance, number(epsilon, x)))
    let inverse = try context.map(.reciprocal, deviation)
    return (try context.combine(.multiply, centered, inverse), mean, inverse)
  }

  /// One number a channel, to be broadcast over N × C × ….
  private static func alongChannels(
    _ values: Value, _ rank: Int, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    try context.require(values.rank == 1, "expected one number a channel, received \(values.shape)")
    return try context.reshape(
      values, to: Shape([values.shape[0]] + [Int](repeating: 1, count: rank - 2)))
  }

  private static func affine(
    _ x: Value, _ scale: Value, _ shift: Value?, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    let scaled = try context.combine(.multiply, x, scale)
    return try shift.map { (shift) throws(ONNXError) in
      try context.combine(.add, scaled, shift)
    } ?? scaled
  }

  private static func instance(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    try context.require(x.rank >= 3, "expected an image batch, received \(x.shape)")
    let (y, _, _) = try normalized(
      x, axes: Array(2..<x.rank), epsilon: node.float("epsilon", default: 1e-5), context)
    return [
      try affine(
        y, alongChannels(node.input(1), x.rank, context),
        alongChannels(node.input(2), x.rank, context), context)
    ]
  }

  /// Scale and bias are one for each group up to opset 20, one for each channel from 21 on.
  private static func group(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    node.ignore("stash_type")
    try context.requireElements(x)
    let groups = node.integer("num_groups", default: 0)
    try context.require(
      x.rank >= 2 && groups >= 1 && x.shape[1] % groups == 0,
      "\(groups) groups of \(x.shape)")
    let grouped: Shape = [x.shape[0], groups, x.shape.count / (x.shape[0] * groups)]
    let (y, _, _) = try normalized(
      context.reshape(x, to: grouped), axes: [2],
      epsilon: node.float("epsilon", default: 1e-5), context)
    if node.opset < 21 {
      let scaled = try affine(
        y, alongChannels(node.input(1), 3, context), alongChannels(node.input(2), 3, context),
        context)
      return [try context.reshape(scaled, to: x.shape)]
    }
    return [
      try affine(
        context.reshape(y, to: x.shape), alongChannels(node.input(1), x.rank, context),
        alongChannels(node.input(2), x.rank, context), context)
    ]
  }

  private static func layer(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    node.ignore("stash_type")
    let axis = try node.axis(node.integer("axis", default: -1), of: x.rank)
    let epsilon = node.float("epsilon", default: 1e-5)
    let scale = try node.input(1)
    let normalizedShape = Shape(x.shape.dimensions[axis...])
    if let shift = node.optional(2), scale.shape == normalizedShape,
      shift.shape == normalizedShape, !node.hasOutput(1), !node.hasOutput(2)
    {
      let y = try context.apply(
        LayerNormalization(axis: axis, epsilon: epsilon), context.node(x), context.node(scale),
        context.node(shift))
      return [Value(y, x.element)]
    }
    let (y, mean, inverse) = try normalized(
      x, axes: Array(axis..<x.rank), epsilon: epsilon, context)
    return [try affine(y, scale, node.optional(2), context), mean, inverse]
  }

  /// x / √(mean(x²) + ε) · scale (B. Zhang, R. Sennrich, 2019).
  private static func rootMeanSquare(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    node.ignore("stash_type")
    let axis = try node.axis(node.integer("axis", default: -1), of: x.rank)
    let mean = try context.reduce(
      .mean, context.map(.square, x), axes: Array(axis..<x.rank), keepsAxes: true)
    let epsilon = number(node.float("epsilon", default: 1e-5), x)
    let root = try context.map(.sqrt, context.combine(.add, mean, epsilon))
    return [
      try context.combine(.multiply, context.combine(.divide, x, root), node.input(1))
    ]
  }

  /// (x − mean) / (deviation + 1e-9).
  private static func meanVariance(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axes = try node.axes(node.integers("axes") ?? [0, 2, 3], of: x.rank)
    let mean = try context.reduce(.mean, x, axes: axes, keepsAxes: true)
    let centered = try context.combine(.subtract, x, mean)
    let variance = try context.reduce(
      .mean, context.map(.square, centered), axes: axes, keepsAxes: true)
    let deviation = try context.combine(
      .add, context.map(.sqrt, variance), Value(scalar: 1e-9, .float32))
    return [try context.combine(.divide, centered, deviation)]
  }

  /// y = x / (bias + alpha / size · Σ x²)^beta, summed over `size` neighboring channels
  /// (A. Krizhevsky et al., 2012, §3.3).
  private static func localResponse(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    try context.require(x.rank >= 3, "expected an image batch, received \(x.shape)")
    try context.requireElements(x)
    let size = try node.require([node.integer("size", default: 0)], "size", atLeast: 1)[0]
    let alpha = node.float("alpha", default: 1e-4)
    let beta = node.float("beta", default: 0.75)
    let bias = node.float("bias", default: 1)
    // Channels as rows: their mean over a window, the cells outside counted as zeros.
    let rows: Shape = [x.shape[0], 1, x.shape[1], x.shape.count / (x.shape[0] * x.shape[1])]
    let squares = try context.node(context.reshape(context.map(.square, x), to: rows))
    let pool = AveragePool(
      window: Size2D(height: size, width: 1), strides: 1,
      padding: EdgePadding(top: (size - 1) / 2, left: 0, bottom: size / 2, right: 0))
    let mean = try context.reshape(
      Value(context.apply(pool, squares), x.element), to: x.shape)
    let base = try context.combine(
      .add, context.combine(.multiply, mean, number(alpha, x)), number(bias, x))
    return [
      try context.combine(.multiply, x, context.combine(.power, base, number(-beta, x)))
    ]
  }

  /// x / (Σ |x|ᵖ)^(1/p) along an axis; 0 where all are 0.
  private static func lp(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axis = try node.axis(node.integer("axis", default: -1), of: x.rank)
    let power = PowerMean(power: node.integer("p", default: 2))
    try context.require([1, 2].contains(power.power), "p \(power.power)")
    let sum = try context.reduce(
      .sum, power.raised(x, context), axes: [axis], keepsAxes: true)
    let norm = try context.combine(
      .maximum, power.root(sum, context), Value(scalar: 1e-30, x.element))
    return [try context.combine(.divide, x, norm)]
  }

  // MARK: - Dropout

  /// The input itself and, as a mask, true everywhere. A network that is being trained drops the
  /// share of numbers that the file says.
  private static func dropout(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    node.ignore("ratio", "seed", "is_test")
    guard context.mode == .training else {
      if let trains = try node.elements(2)?.integers.first, trains != 0 {
        let ratio = try node.elements(1)?.doubles.first ?? 0.5
        guard ratio == 0 else { throw context.unsupported("dropout in training") }
      }
      guard node.hasOutput(1) else { return [x] }
      return [x, try context.broadcast(Value(scalar: 1, .bool), to: x.shape)]
    }
    let rate =
      try node.elements(1)?.doubles.first.map { Float($0) } ?? node.float("ratio", default: 0.5)
    try context.require(rate >= 0 && rate < 1, "a dropout of \(rate)")
    let factors = Value(
      try context.apply(DropoutMask(keepProbability: 1 - rate, shape: x.shape)), x.element)
    let kept = try context.combine(.greater, factors, Value(scalar: 0, x.element))
    return [try context.combine(.multiply, x, factors), kept]
  }
}

extension ImportContext {
  /// Whether running statistics can be kept in two nodes: those of a single channel are numbers of the
  /// graph, and some writers keep one copy of what happens to be equal, which others read, too.
  fileprivate func canKeep(_ mean: Node, _ variance: Node) -> Bool {
    mean != variance
      && [mean, variance].allSatisfy { node in
        guard case .variable(let variable) = graph.vertices[node.id.vertex].kind else {
          return false
        }
        return !variable.isTrainable && !graph.assignments.contains { $0.variable == node.id }
      }
  }
}
