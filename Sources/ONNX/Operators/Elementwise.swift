import Graphs
import Tensors

/// Arithmetic, comparisons and logic, element by element with NumPy's broadcasting.
enum ElementwiseOperators {
  static let table: [String: Operator] = {
    var table: [String: Operator] = [
      "Max": Operator { (node) throws(ONNXError) in try fold(.maximum, node) },
      "Min": Operator { (node) throws(ONNXError) in try fold(.minimum, node) },
      "Sum": Operator { (node) throws(ONNXError) in try fold(.add, node) },
      "Mean": Operator(mean),
      "And": Operator { (node) throws(ONNXError) in
        [try node.context.combine(.multiply, truth(node, 0), truth(node, 1))]
      },
      "Or": Operator { (node) throws(ONNXError) in
        [try node.context.combine(.maximum, truth(node, 0), truth(node, 1))]
      },
      "Xor": Operator { (node) throws(ONNXError) in
        let equal = try node.context.combine(.equal, truth(node, 0), truth(node, 1))
        return [try not(equal, node)]
      },
      "Not": Operator { (node) throws(ONNXError) in [try not(truth(node, 0), node)] },
      "Where": Operator { (node) throws(ONNXError) in
        [try node.context.select(node.input(0), node.input(1), node.input(2))]
      },
      "Mod": Operator(mod),
      "IsNaN": Operator { (node) throws(ONNXError) in
        // Nothing else differs from itself.
        [try not(node.context.combine(.equal, node.input(0), node.input(0)), node)]
      },
      "IsInf": Operator(isInfinite),
      "Shrink": Operator(shrink),
      "Sign": Operator { (node) throws(ONNXError) in [try node.context.map(.sign, node.input(0))] },
    ]
    let pairs: [String: Binary.Kind] = [
      "Add": .add, "Sub": .subtract, "Mul": .multiply, "Div": .divide, "Pow": .power,
      "Equal": .equal, "Greater": .greater, "GreaterOrEqual": .greaterOrEqual, "Less": .less,
      "LessOrEqual": .lessOrEqual,
    ]
    for (name, kind) in pairs {
      table[name] = Operator { (node) throws(ONNXError) in
        [try node.context.combine(kind, node.input(0), node.input(1))]
      }
    }
    let functions: [String: Unary.Kind] = [
      "Abs": .abs, "Neg": .negate, "Exp": .exp, "Log": .log, "Sqrt": .sqrt,
      "Reciprocal": .reciprocal, "Floor": .floor, "Ceil": .ceil, "Round": .round, "Sin": .sin,
      "Cos": .cos, "Erf": .erf,
    ]
    for (name, kind) in functions {
      table[name] = Operator { (node) throws(ONNXError) in
        [try node.context.map(kind, node.input(0))]
      }
    }
    return table
  }()

  /// Any number of inputs, two by two.
  private static func fold(_ kind: Binary.Kind, _ node: NodeImport) throws(ONNXError) -> [Value] {
    var result = try node.input(0)
    for value in try node.allInputs().dropFirst() {
      result = try node.context.combine(kind, result, value)
    }
    return [result]
  }

  private static func mean(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let sum = try fold(.add, node)[0]
    return [
      try node.context.combine(
        .divide, sum, Value(scalar: Double(node.inputCount), sum.element))
    ]
  }

  private static func truth(_ node: NodeImport, _ index: Int) throws(ONNXError) -> Value {
    let value = try node.input(index)
    guard value.element == .bool else { throw node.context.invalid("expected truth values") }
    return value
  }

  static func not(_ value: Value, _ node: NodeImport) throws(ONNXError) -> Value {
    try node.context.combine(.equal, value, Value(scalar: 0, .bool))
  }

  private static func isInfinite(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    func equals(_ sign: Double, where asked: Bool) throws(ONNXError) -> Value {
      guard asked else { return try context.broadcast(Value(scalar: 0, .bool), to: x.shape) }
      return try context.combine(.equal, x, Value(scalar: sign * .infinity, x.element))
    }
    return [
      try context.combine(
        .maximum, equals(1, where: node.flag("detect_positive", default: true)),
        equals(-1, where: node.flag("detect_negative", default: true)))
    ]
  }

  /// x + bias below −lambd, x − bias above lambd, 0 between.
  private static func shrink(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    func number(_ value: Float) -> Value { Value(scalar: Double(value), x.element) }
    let (limit, bias) = (
      node.float("lambd", default: 0.5), number(node.float("bias", default: 0))
    )
    let inner = try context.select(
      context.combine(.greater, x, number(limit)), context.combine(.subtract, x, bias), number(0))
    return [
      try context.select(
        context.combine(.less, x, number(-limit)), context.combine(.add, x, bias), inner)
    ]
  }

  /// a − b · ⌊a / b⌋, of b's sign; with `fmod` a − b · trunc(a / b), of a's sign.
  private static func mod(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let context = node.context
    var (a, b) = (try node.input(0), try node.input(1))
    let element = a.element
    (a.element, b.element) = (.float64, .float64)
    var quotient = try context.combine(.divide, a, b)
    quotient =
      node.flag("fmod")
      ? try context.cast(quotient, to: .int64) : try context.map(.floor, quotient)
    quotient.element = .float64
    var rest = try context.combine(.subtract, a, context.combine(.multiply, b, quotient))
    if let elements = rest.folded {
      rest = Value(elements.converted(to: element), rest.shape, element)
    }
    rest.element = element
    return [rest]
  }
}
