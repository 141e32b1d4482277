import Graphs
import Tensors

/// Einstein's sums: `bij,bjk->bik`. Factors are joined from left to right; two of them by one product
/// of matrices.
enum EinsumOperator {
  static let table: [String: Operator] = ["Einsum": Operator(einsum)]

  /// A tensor and what its axes are called. Axes behind dots are called by negative numbers, from the
  /// last one, -1, on.
  private struct Factor {
    var value: Value
    var labels: [Int]

    func extent(_ label: Int) -> Int? {
      labels.firstIndex(of: label).map { value.shape[$0] }
    }
  }

  private static func einsum(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let context = node.context
    let text = (node.text("equation") ?? "").filter { $0 != " " }
    let sides = text.split(separator: "->", omittingEmptySubsequences: false)
    let terms = (sides.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let values = try node.allInputs()
    try context.require(
      (1...2).contains(sides.count) && terms.count == values.count && !values.isEmpty,
      "the equation \(text) for \(values.count) inputs")
    var factors: [Factor] = []
    var dots = 0
    for (term, value) in zip(terms, values) {
      let labels = try labels(of: term, rank: value.rank, context)
      dots = max(dots, labels.count { $0 < 0 })
      factors.append(try diagonal(Factor(value: value, labels: labels), context))
    }
    let result =
      sides.count == 2
      ? try Self.labels(of: sides[1], rank: nil, dots: dots, context)
      : implied(by: factors.count == 1 ? terms.joined() : text, dots: dots)
    try context.require(
      Set(result).count == result.count
        && result.allSatisfy { label in factors.contains { $0.labels.contains(label) } },
      "the result of \(text)")

    var joined = factors[0]
    for index in factors.indices.dropFirst() {
      let later = Set(factors[(index + 1)...].flatMap(\.labels)).union(result)
      joined = try product(joined, factors[index], keeping: later, context)
    }
    joined = try summed(joined, keeping: Set(result), context)
    return [
      try context.transpose(joined.value, result.compactMap { joined.labels.firstIndex(of: $0) })
    ]
  }

  /// Without an arrow: what stands behind dots, then all letters that stand once, in their order.
  private static func implied(by text: String, dots: Int) -> [Int] {
    let letters = text.unicodeScalars.filter { $0.properties.isAlphabetic }
    let single = Set(letters).filter { letter in letters.count { $0 == letter } == 1 }
    return (0..<dots).map { $0 - dots } + single.map { Int($0.value) }.sorted()
  }

  private static func labels(
    of term: some StringProtocol, rank: Int?, dots: Int = 0, _ context: ImportContext
  ) throws(ONNXError) -> [Int] {
    let parts = String(term).split(separator: "...", omittingEmptySubsequences: false)
    let letters = parts.map { $0.unicodeScalars.map { Int($0.value) } }
    let named = letters.joined().count
    guard parts.count <= 2, parts.joined().unicodeScalars.allSatisfy(\.properties.isAlphabetic),
      parts.count == 2 ? (rank ?? named) >= named : (rank ?? named) == named
    else { throw context.invalid("the term \(term) for \(rank.map { "\($0)" } ?? "the") axes") }
    guard parts.count == 2 else { return letters[0] }
    let hidden = rank.map { $0 - named } ?? dots
    return letters[0] + (0..<hidden).map { $0 - hidden } + letters[1]
  }

  /// A factor whose axes of one label are one axis.
  private static func diagonal(
    _ factor: Factor, _ context: ImportContext
  ) throws(ONNXError) -> Factor {
    var result = factor
    while let (first, second) = repeated(result.labels) {
      let extent = result.value.shape[first]
      try context.require(
        extent == result.value.shape[second], "a diagonal of \(result.value.shape)")
      // Both axes last, as one, of which every (extent + 1)-th place lies on the diagonal.
      let others = result.labels.indices.filter { $0 != first && $0 != second }
      let shape = others.map { result.value.shape[$0] }
      let flat = try context.reshape(
        context.transpose(result.value, others + [first, second]),
        to: Shape(shape + [extent * extent]))
      let places = Value(integers: (0..<extent).map { $0 * (extent + 1) })
      result = Factor(
        value: try context.gather(flat, places, axis: others.count),
        labels: others.map { result.labels[$0] } + [result.labels[first]])
    }
    return result
  }

  private static func repeated(_ labels: [Int]) -> (Int, Int)? {
    for (index, label) in labels.enumerated() {
      if let other = labels[(index + 1)...].firstIndex(of: label) { return (index, other) }
    }
    return nil
  }

  /// A factor summed over the labels that nobody needs.
  private static func summed(
    _ factor: Factor, keeping kept: Set<Int>, _ context: ImportContext
  ) throws(ONNXError) -> Factor {
    let axes = factor.labels.indices.filter { !kept.contains(factor.labels[$0]) }
    return Factor(
      value: try context.reduce(.sum, factor.value, axes: axes, keepsAxes: false),
      labels: factor.labels.filter(kept.contains))
  }

  /// Both factors' product, summed over the labels that nobody needs further.
  private static func product(
    _ first: Factor, _ second: Factor, keeping kept: Set<Int>, _ context: ImportContext
  ) throws(ONNXError) -> Factor {
    let left = try summed(first, keeping: kept.union(second.labels), context)
    let right = try summed(second, keeping: kept.union(left.labels), context)
    let common = left.labels.filter(right.labels.contains)
    // An extent of 1 stands for any where axes have no names.
    for label in common where left.extent(label) != right.extent(label) {
      try context.require(
        left.extent(label) == 1 || right.extent(label) == 1,
        "extents \(left.extent(label) ?? 0) and \(right.extent(label) ?? 0) of one axis")
      return try broadcastProduct(left, right, keeping: kept, context)
    }
    let batch = common.filter(kept.contains)
    let inner = common.filter { !kept.contains($0) }
    let rows = left.labels.filter { !common.contains($0) }
    let columns = right.labels.filter { !common.contains($0) }
    func extents(_ labels: [Int]) -> [Int] {
      labels.compactMap { left.extent($0) ?? right.extent($0) }
    }
    func matrices(_ factor: Factor, _ order: [[Int]]) throws(ONNXError) -> Value {
      let permutation = order.joined().compactMap { factor.labels.firstIndex(of: $0) }
      return try context.reshape(
        context.transpose(factor.value, permutation),
        to: Shape(order.map { extents($0).reduce(1, *) }))
    }
    let a = try matrices(left, [batch, rows, inner])
    let b = try matrices(right, [batch, inner, columns])
    let product = Value(
      try context.apply(MatrixMultiply(), context.node(a), context.node(b)), a.element)
    let labels = batch + rows + columns
    return Factor(value: try context.reshape(product, to: Shape(extents(labels))), labels: labels)
  }

  /// The same by products of single elements.
  private static func broadcastProduct(
    _ left: Factor, _ right: Factor, keeping kept: Set<Int>, _ context: ImportContext
  ) throws(ONNXError) -> Factor {
    let labels = left.labels + right.labels.filter { !left.labels.contains($0) }
    func aligned(_ factor: Factor) throws(ONNXError) -> Value {
      let order = labels.compactMap { factor.labels.firstIndex(of: $0) }
      return try context.reshape(
        context.transpose(factor.value, order), to: Shape(labels.map { factor.extent($0) ?? 1 }))
    }
    let product = try context.combine(.multiply, aligned(left), aligned(right))
    return try summed(Factor(value: product, labels: labels), keeping: kept, context)
  }
}
