import Graphs
import Tensors

/// Matrix products, and what classifiers end in.
enum MatrixOperators {
  static let table: [String: Operator] = [
    "Gemm": Operator(gemm), "MatMul": Operator(multiply),
    "Softmax": Operator { (node) throws(ONNXError) in
      try alongAxis(node) { Softmax(axis: $0) }
    },
    "LogSoftmax": Operator { (node) throws(ONNXError) in
      try alongAxis(node) { LogSoftmax(axis: $0) }
    },
    "Hardmax": Operator(hardmax),
  ]

  /// alpha · A · B + beta · C, A and B transposed on request.
  private static func gemm(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (a, b, context) = (try node.input(0), try node.input(1), node.context)
    let (alpha, beta) = (node.float("alpha", default: 1), node.float("beta", default: 1))
    try context.require(
      a.rank == 2 && b.rank == 2, "expected two matrices, received \(a.shape) and \(b.shape)")
    let product = MatrixMultiply(
      transposeLeft: node.flag("transA"), transposeRight: node.flag("transB"))
    var y = Value(try context.apply(product, context.node(a), context.node(b)), a.element)
    if alpha != 1 {
      y = try context.combine(.multiply, y, Value(scalar: Double(alpha), a.element))
    }
    guard var c = node.optional(2), beta != 0 else { return [y] }
    try context.require(
      c.shape.broadcast(with: y.shape) == y.shape, "\(c.shape) does not broadcast to \(y.shape)")
    if beta != 1 { c = try context.combine(.multiply, c, Value(scalar: Double(beta), a.element)) }
    if c.shape == [y.shape[1]] {
      return [Value(try context.apply(BiasAdd(), context.node(y), context.node(c)), a.element)]
    }
    return [try context.combine(.add, y, c)]
  }

  /// NumPy's `matmul`: a vector stands for a row on the left, for a column on the right.
  private static func multiply(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (a, b, context) = (try node.input(0), try node.input(1), node.context)
    try context.require(a.rank >= 1 && b.rank >= 1, "expected no numbers without axes")
    let left = a.rank == 1 ? try context.reshape(a, to: [1, a.shape[0]]) : a
    let right = b.rank == 1 ? try context.reshape(b, to: [b.shape[0], 1]) : b
    // Many rows by one matrix are one product.
    if right.rank == 2, left.rank > 2 {
      let rows = left.shape.dimensions.dropLast().reduce(1, *)
      let flat = try context.reshape(left, to: [rows, left.shape[left.rank - 1]])
      let y = Value(
        try context.apply(MatrixMultiply(), context.node(flat), context.node(right)), a.element)
      var shape = Array(left.shape.dimensions.dropLast())
      if b.rank > 1 { shape.append(b.shape[1]) }
      return [try context.reshape(y, to: Shape(shape))]
    }
    let y = Value(
      try context.apply(MatrixMultiply(), context.node(left), context.node(right)), a.element)
    var shape = y.shape.dimensions
    if b.rank == 1 { shape.removeLast() }
    if a.rank == 1 { shape.remove(at: shape.count - (b.rank == 1 ? 1 : 2)) }
    return [try context.reshape(y, to: Shape(shape))]
  }

  /// Along one axis from opset 13 on (the last unless told); up to 12 over all axes from one on (the
  /// second unless told).
  private static func alongAxis(
    _ node: NodeImport, _ operation: (Int) -> any Operation
  ) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    try context.requireElements(x)
    if node.opset >= 13 || x.rank == 0 {
      let axis = try node.axis(node.integer("axis", default: -1), of: x.rank)
      return [Value(try context.apply(operation(axis), context.node(x)), x.element)]
    }
    let axis = try node.axis(node.integer("axis", default: 1), of: x.rank)
    let rows = x.shape.dimensions[..<axis].reduce(1, *)
    let flat = try context.reshape(x, to: [rows, x.shape.count / rows])
    let y = Value(try context.apply(operation(1), context.node(flat)), x.element)
    return [try context.reshape(y, to: x.shape)]
  }

  /// 1 at the first of the largest elements along an axis, else 0.
  private static func hardmax(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    try context.require(node.opset >= 13, "Hardmax before opset 13")
    let axis = try node.axis(node.integer("axis", default: -1), of: x.rank)
    let place = try ReductionOperators.place(of: .max, x, axis: axis, takesLast: false, context)
    let positions = ReductionOperators.positions(x.shape, axis)
    var result = try context.combine(.equal, positions, place)
    result.element = x.element
    return [result]
  }
}
