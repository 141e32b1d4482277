import Graphs
import Tensors

/// Activation functions.
enum ActivationOperators {
  static let table: [String: Operator] = {
    var table: [String: Operator] = [
      "HardSigmoid": Operator { (node) throws(ONNXError) in
        let (slope, offset) = (node.float("alpha", default: 0.2), node.float("beta", default: 0.5))
        return [try map(.hardSigmoid(slope: slope, offset: offset), node)]
      },
      "LeakyRelu": Operator { (node) throws(ONNXError) in
        [try leaky(node.input(0), slope: node.float("alpha", default: 0.01), node)]
      },
      "Elu": Operator { (node) throws(ONNXError) in
        [try elu(node.input(0), alpha: node.float("alpha", default: 1), node)]
      },
      "Celu": Operator(celu),
      "Selu": Operator(selu),
      "Gelu": Operator(gelu),
      "PRelu": Operator(prelu),
      "Clip": Operator(clip),
      "HardSwish": Operator { (node) throws(ONNXError) in
        let gate = try map(.hardSigmoid(slope: 1 / 6, offset: 0.5), node)
        return [try node.context.combine(.multiply, node.input(0), gate)]
      },
      "Mish": Operator { (node) throws(ONNXError) in
        let gate = try node.context.map(.tanh, map(.softplus, node))
        return [try node.context.combine(.multiply, node.input(0), gate)]
      },
      "Swish": Operator { (node) throws(ONNXError) in
        let (x, alpha) = (try node.input(0), node.float("alpha", default: 1))
        let scaled = try node.context.combine(.multiply, x, Value(scalar: Double(alpha), x.element))
        return [try node.context.combine(.multiply, x, node.context.map(.sigmoid, scaled))]
      },
      "Softsign": Operator { (node) throws(ONNXError) in
        let x = try node.input(0)
        let size = try node.context.combine(
          .add, node.context.map(.abs, x), Value(scalar: 1, x.element))
        return [try node.context.combine(.divide, x, size)]
      },
      "ThresholdedRelu": Operator { (node) throws(ONNXError) in
        let x = try node.input(0)
        let limit = Value(scalar: Double(node.float("alpha", default: 1)), x.element)
        let passes = try node.context.combine(.greater, x, limit)
        return [try node.context.select(passes, x, Value(scalar: 0, x.element))]
      },
    ]
    let functions: [String: Unary.Kind] = [
      "Relu": .relu, "Sigmoid": .sigmoid, "Tanh": .tanh, "Softplus": .softplus,
    ]
    for (name, kind) in functions {
      table[name] = Operator { (node) throws(ONNXError) in [try map(kind, node)] }
    }
    return table
  }()

  private static func map(_ kind: Unary.Kind, _ node: NodeImport) throws(ONNXError) -> Value {
    try node.context.map(kind, node.input(0))
  }

  /// max(x, slope · x), for a slope of any sign.
  private static func leaky(
    _ x: Value, slope: Float, _ node: NodeImport
  ) throws(ONNXError) -> Value {
    if slope >= 0 { return try node.context.map(.leakyReLU(slope: slope), x) }
    let scaled = try node.context.combine(.multiply, x, Value(scalar: Double(slope), x.element))
    let isPositive = try node.context.combine(.greater, x, Value(scalar: 0, x.element))
    return try node.context.select(isPositive, x, scaled)
  }

  /// x where x > 0, else alpha · (eˣ − 1), for an alpha of any sign.
  private static func elu(_ x: Value, alpha: Float, _ node: NodeImport) throws(ONNXError) -> Value {
    if alpha >= 0 { return try node.context.map(.elu(alpha: alpha), x) }
    let context = node.context
    let falling = try context.combine(
      .subtract, context.map(.exp, x), Value(scalar: 1, x.element))
    let scaled = try context.combine(.multiply, falling, Value(scalar: Double(alpha), x.element))
    let isPositive = try context.combine(.greater, x, Value(scalar: 0, x.element))
    return try context.select(isPositive, x, scaled)
  }

  /// max(0, x) + min(0, alpha · (e^(x/alpha) − 1)): an ELU of x / alpha, times alpha.
  private static func celu(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let alpha = Value(scalar: Double(node.float("alpha", default: 1)), x.element)
    let unit = try context.map(.elu(alpha: 1), context.combine(.divide, x, alpha))
    return [try context.combine(.multiply, unit, alpha)]
  }

  /// gamma · ELU of alpha.
  private static func selu(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let alpha = node.float("alpha", default: 1.67326324)
    let gamma = node.float("gamma", default: 1.05070099)
    let x = try node.input(0)
    let unit = try elu(x, alpha: alpha, node)
    return [try node.context.combine(.multiply, unit, Value(scalar: Double(gamma), x.element))]
  }

  /// Exact, or by the tanh of 0.79788 · (x + 0.044715 · x³).
  private static func gelu(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let approximation = node.text("approximate") ?? "none"
    if approximation == "none" { return [try context.map(.gelu, x)] }
    guard approximation == "tanh" else { throw context.invalid("approximate \(approximation)") }
    func number(_ value: Double) -> Value { Value(scalar: value, x.element) }
    let cube = try context.combine(.multiply, x, context.map(.square, x))
    let inner = try context.combine(.add, x, context.combine(.multiply, cube, number(0.044715)))
    let scaled = try context.combine(.multiply, inner, number((2 / Double.pi).squareRoot()))
    let gate = try context.combine(.add, context.map(.tanh, scaled), number(1))
    return [
      try context.combine(.multiply, context.combine(.multiply, x, number(0.5)), gate)
    ]
  }

  /// x where x > 0, else slope · x; the slope broadcasts to x.
  private static func prelu(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, slope, context) = (try node.input(0), try node.input(1), node.context)
    if let number = slope.folded?.doubles, slope.shape.count == 1 {
      return [try leaky(x, slope: Float(number[0]), node)]
    }
    let isPositive = try context.combine(.greater, x, Value(scalar: 0, x.element))
    return [try context.select(isPositive, x, context.combine(.multiply, x, slope))]
  }

  /// Bounds are attributes up to opset 10, inputs from 11 on. The upper bound wins over the lower.
  private static func clip(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    func bound(_ index: Int, _ name: String) throws(ONNXError) -> Value? {
      if node.opset >= 11 { return node.optional(index) }
      return node.float(name).map { Value(scalar: Double($0), x.element) }
    }
    let (low, high) = (try bound(1, "min"), try bound(2, "max"))
    func number(_ value: Value?, _ otherwise: Float) -> Float? {
      guard let value else { return otherwise }
      return value.shape.count == 1 ? value.folded.map { Float($0.doubles[0]) } : nil
    }
    if let minimum = number(low, -.infinity), let maximum = number(high, .infinity),
      minimum <= maximum, x.folded == nil
    {
      if minimum == -.infinity, maximum == .infinity { return [x] }
      if minimum == 0, maximum == .infinity { return [try context.map(.relu, x)] }
      return [try context.map(.clip(minimum: minimum, maximum: maximum), x)]
    }
    var result = x
    if let low { result = try context.combine(.maximum, result, low) }
    if let high { result = try context.combine(.minimum, result, high) }
    return [result]
  }
}
