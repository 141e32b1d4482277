/// How nodes of one operator join a graph.
struct Operator: Sendable {
  /// Adds a node and returns its outputs.
  let add: @Sendable (NodeImport) throws(ONNXError) -> [Value]

  init(_ add: @escaping @Sendable (NodeImport) throws(ONNXError) -> [Value]) { self.add = add }
}

/// The operators that are understood, by name.
enum OperatorTable {
  static let operators: [String: Operator] = {
    var all: [String: Operator] = [:]
    for family in [
      ElementwiseOperators.table, ActivationOperators.table, ConvolutionOperators.table,
      PoolOperators.table, NormalizationOperators.table, MatrixOperators.table,
      ReductionOperators.table, ShapeOperators.table, SliceOperators.table, PadOperators.table,
      ResizeOperators.table, ConstantOperators.table, RotaryEmbeddingOperator.table,
      QuantizationOperators.table, IndexOperators.table, EinsumOperator.table,
      GridSampleOperator.table, RegionOperators.table, RecurrentOperators.table,
    ] {
      all.merge(family) { first, _ in first }
    }
    return all
  }()
}
