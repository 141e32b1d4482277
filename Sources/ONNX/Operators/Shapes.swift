import Graphs
import Tensors

/// Other shapes of the same elements, and shapes as values.
enum ShapeOperators {
  static let table: [String: Operator] = [
    "Shape": Operator(shape),
    "Size": Operator { (node) throws(ONNXError) in
      [Value(.integers([Int64(try node.input(0).shape.count)]), [], .int64)]
    },
    "Reshape": Operator(reshape), "Flatten": Operator(flatten), "Squeeze": Operator(squeeze),
    "Unsqueeze": Operator(unsqueeze),
    "Transpose": Operator(transpose), "Expand": Operator(expand), "Tile": Operator(tile),
    "Concat": Operator(concatenate),
    "DepthToSpace": Operator(depthToSpace), "SpaceToDepth": Operator(spaceToDepth),
  ]

  /// From opset 15 on a part of the shape, cut as Python cuts a list.
  private static func shape(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let extents = try node.input(0).shape.dimensions
    func bound(_ value: Int) -> Int {
      let place = value < 0 ? value &+ extents.count : value
      return min(max(place, 0), extents.count)
    }
    let start = bound(node.integer("start", default: 0))
    let end = bound(node.integer("end", default: extents.count))
    return [Value(integers: start < end ? Array(extents[start..<end]) : [])]
  }

  /// 0 keeps an extent (unless `allowzero`), -1 takes what is left.
  private static func reshape(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let keepsZeros = node.flag("allowzero")
    guard var extents = try node.knownIntegers(1) else {
      throw context.invalid("input 2 is missing")
    }
    for axis in extents.indices where extents[axis] == 0 && !keepsZeros {
      try context.require(axis < x.rank, "no extent to keep on axis \(axis) of \(x.shape)")
      extents[axis] = x.shape[axis]
    }
    // Of a file made for a fixed batch the first extent is the batch.
    if let batch = context.newBatch, extents.first == batch.own, x.rank > 0,
      x.shape[0] == batch.built, extents.contains(-1) || Shape(extents).count != x.shape.count
    {
      extents[0] = batch.built
    }
    if let free = extents.firstIndex(of: -1) {
      extents[free] = 1
      let others = Shape(extents).count
      try context.require(
        extents.allSatisfy { $0 >= 0 } && others > 0 && x.shape.count % others == 0,
        "\(x.shape) cannot be reshaped to \(extents)")
      extents[free] = x.shape.count / others
    }
    try context.require(
      extents.allSatisfy { $0 >= 0 } && Shape(extents).isWithinSizeLimit, "a shape of \(extents)")
    return [try context.reshape(x, to: Shape(extents))]
  }

  private static func flatten(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    var axis = node.integer("axis", default: 1)
    // The axis may also stand behind the last.
    if axis != x.rank { axis = try node.axis(axis, of: x.rank) }
    let rows = x.shape.dimensions[..<axis].reduce(1, *)
    let columns = x.shape.dimensions[axis...].reduce(1, *)
    return [try context.reshape(x, to: [rows, columns])]
  }

  /// Axes are an attribute up to opset 12, an input from 13 on; all of extent 1 where none are told.
  private static func squeeze(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let told = try node.integers("axes", orInput: 1)
    let axes =
      try told.map { (told) throws(ONNXError) in try node.axes(told, of: x.rank) }
      ?? x.shape.dimensions.indices.filter { x.shape[$0] == 1 }
    try context.require(
      axes.allSatisfy { x.shape[$0] == 1 }, "axes \(axes) of \(x.shape) are not all 1")
    return [
      try context.reshape(
        x, to: Shape(x.shape.dimensions.indices.filter { !axes.contains($0) }.map { x.shape[$0] }))
    ]
  }

  /// Axes are an attribute up to opset 12, an input from 13 on.
  private static func unsqueeze(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    guard let told = try node.integers("axes", orInput: 1) else {
      throw context.invalid("axes are missing")
    }
    try context.require(x.rank + told.count <= ONNXTensor.mostAxes, "\(told.count) axes more")
    let axes = try node.axes(told, of: x.rank + told.count)
    var extents = x.shape.dimensions[...]
    let shape = (0..<x.rank + axes.count).map { axis in
      axes.contains(axis) ? 1 : extents.removeFirst()
    }
    return [try context.reshape(x, to: Shape(shape))]
  }

  private static func transpose(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let x = try node.input(0)
    return [
      try node.context.transpose(x, node.integers("perm") ?? (0..<x.rank).reversed())
    ]
  }

  private static func expand(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    guard let extents = try node.knownIntegers(1) else {
      throw context.invalid("input 2 is missing")
    }
    guard Shape(extents).isWithinSizeLimit, let shape = x.shape.broadcast(with: Shape(extents))
    else {
      throw context.invalid("\(x.shape) does not broadcast with \(extents)")
    }
    if shape.count == 0 { return [context.empty(shape, x.element)] }
    return [try context.broadcast(x, to: shape)]
  }

  /// The whole, repeated along each axis.
  private static func tile(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    guard let repeats = try node.knownIntegers(1), repeats.count == x.rank,
      repeats.allSatisfy({ (0...Int(Int32.max)).contains($0) })
    else { throw context.invalid("expected how often to repeat each axis of \(x.shape)") }
    // Each axis gets one of 1 in front, which is then repeated.
    let split = zip(x.shape.dimensions, repeats).flatMap { [1, $0.0] }
    let wide = zip(x.shape.dimensions, repeats).flatMap { [$0.1, $0.0] }
    let whole = Shape(
      zip(x.shape.dimensions, repeats).map { $0.multipliedReportingOverflow(by: $1).partialValue })
    try context.requireSize(whole)
    guard Shape(wide).isWithinSizeLimit else { throw context.unsupported("a tensor of \(whole)") }
    if whole.count == 0 { return [context.empty(whole, x.element)] }
    return [
      try context.reshape(
        context.broadcast(context.reshape(x, to: Shape(split)), to: Shape(wide)), to: whole)
    ]
  }

  private static func concatenate(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let values = try node.allInputs()
    guard let first = values.first else { throw node.context.invalid("nothing to join") }
    // Old files may leave the axis out, which then is the second.
    let axis = try node.axis(node.integer("axis", default: 1), of: first.rank)
    return [try node.context.concatenate(values, axis: axis)]
  }

  private static func blocks(_ node: NodeImport) throws(ONNXError) -> (Value, Int) {
    let (x, context) = (try node.input(0), node.context)
    let block = try node.require(
      [node.integer("blocksize", default: 0)], "blocksize", atLeast: 1)[0]
    try context.require(
      x.rank == 4 && block < 1 << 15, "expected an image batch, received \(x.shape)")
    return (x, block)
  }

  private static func depthToSpace(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let ((x, block), context) = (try blocks(node), node.context)
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    try context.require(c % (block * block) == 0, "\(c) channels in blocks of \(block)")
    let inner = c / (block * block)
    let isColumnFirst = (node.text("mode") ?? "DCR") == "CRD"
    let split: Shape =
      isColumnFirst ? [n, inner, block, block, h, w] : [n, block, block, inner, h, w]
    let order = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
    let moved = try context.transpose(context.reshape(x, to: split), order)
    return [try context.reshape(moved, to: [n, inner, h * block, w * block])]
  }

  private static func spaceToDepth(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let ((x, block), context) = (try blocks(node), node.context)
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    try context.require(h % block == 0 && w % block == 0, "\(h)×\(w) in blocks of \(block)")
    let split: Shape = [n, c, h / block, block, w / block, block]
    let isColumnFirst = (node.text("mode") ?? "DCR") == "CRD"
    let order = isColumnFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
    let moved = try context.transpose(context.reshape(x, to: split), order)
    return [try context.reshape(moved, to: [n, c * block * block, h / block, w / block])]
  }
}
