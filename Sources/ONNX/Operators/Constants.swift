import Graphs
import Tensors

/// Values that come from nowhere, and other types of the same.
enum ConstantOperators {
  static let table: [String: Operator] = [
    "Constant": Operator(constant), "ConstantOfShape": Operator(constantOfShape),
    "Range": Operator(range),
    "EyeLike": Operator(eyeLike),
    "Identity": Operator { (node) throws(ONNXError) in [try node.input(0)] },
    "Cast": Operator { (node) throws(ONNXError) in
      node.ignore("saturate", "round_mode")
      guard let element = try node.element("to") else {
        throw node.context.invalid("the attribute to is missing")
      }
      return [try node.context.cast(node.input(0), to: element)]
    },
    "CastLike": Operator { (node) throws(ONNXError) in
      node.ignore("saturate", "round_mode")
      return [try node.context.cast(node.input(0), to: node.input(1).element)]
    },
  ]

  private static func constant(_ node: NodeImport) throws(ONNXError) -> [Value] {
    if let tensor = try node.tensor("value") {
      node.context.makeRoom(for: tensor.shape.count)
      return [Value(tensor.elements, tensor.shape, tensor.element)]
    }
    if let value = node.float("value_float") { return [Value(scalar: Double(value))] }
    if let values = node.floats("value_floats") {
      return [Value(.floats(values.map(Double.init)), [values.count], .float32)]
    }
    if let value = node.integer("value_int") {
      return [Value(.integers([Int64(value)]), [], .int64)]
    }
    if let values = node.integers("value_ints") { return [Value(integers: values)] }
    throw node.context.unsupported("a constant that is no tensor of numbers")
  }

  private static func constantOfShape(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let context = node.context
    guard let extents = try node.knownIntegers(0) else {
      throw context.invalid("input 1 is missing")
    }
    try context.require(extents.allSatisfy { $0 >= 0 }, "a shape of \(extents)")
    let shape = Shape(extents)
    try context.requireSize(shape)
    let tensor = try node.tensor("value")
    try context.require(tensor?.shape.count ?? 1 == 1, "expected one value")
    let element = tensor?.element ?? .float32
    if shape.count == 0 { return [context.empty(shape, element)] }
    let value = Value(tensor?.elements ?? .floats([0]), [], element)
    return [try context.broadcast(value, to: shape)]
  }

  private static func range(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let context = node.context
    guard let start = try node.elements(0), let limit = try node.elements(1),
      let step = try node.elements(2), start.count == 1, limit.count == 1, step.count == 1
    else { throw context.invalid("expected three numbers") }
    let (first, delta) = (start.doubles[0], step.doubles[0])
    let count = ((limit.doubles[0] - first) / delta).rounded(.up)
    guard count.isFinite, count <= Double(ImportContext.usualMaxFoldedElements) else {
      throw context.unsupported("a range of \(count) numbers")
    }
    let element = try node.input(0).element
    let values = (0..<Int(max(count, 0))).map { first + Double($0) * delta }
    return [Value(Elements.floats(values).converted(to: element), [values.count], element)]
  }

  private static func eyeLike(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let element = try node.element("dtype") ?? x.element
    let diagonal = node.integer("k", default: 0)
    guard x.rank == 2, x.shape.count <= ImportContext.usualMaxFoldedElements else {
      throw context.unsupported("a matrix of \(x.shape)")
    }
    let values = (0..<x.shape.count).map { place in
      place % x.shape[1] &- place / x.shape[1] == diagonal ? 1.0 : 0
    }
    return [Value(Elements.floats(values).converted(to: element), x.shape, element)]
  }
}
