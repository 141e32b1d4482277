import Graphs
import Tensors

extension MatrixMultiply: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let (a, b) = (vertex.inputs[0], vertex.inputs[1])
    if a.shape.rank == 2, b.shape.rank == 2 {
      return vertex.finish(
        "Gemm", [vertex.input(0), vertex.input(1)],
        [
          .integer("transA", transposesLeft ? 1 : 0), .integer("transB", transposesRight ? 1 : 0),
        ])
    }
    func factor(_ index: Int, transposed: Bool) -> String {
      guard transposed else { return vertex.input(index) }
      let rank = vertex.inputs[index].shape.rank
      let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
      return vertex.step("Transpose", [vertex.input(index)], [.integers("perm", order)])
    }
    vertex.finish(
      "MatMul", [factor(0, transposed: transposesLeft), factor(1, transposed: transposesRight)])
  }
}

extension BatchNormalizationInference: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish(
      "BatchNormalization", vertex.inputs.indices.map(vertex.input), [.float("epsilon", epsilon)])
  }
}

extension LayerNormalization: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish(
      "LayerNormalization", vertex.inputs.indices.map(vertex.input),
      [.integer("axis", axis), .float("epsilon", epsilon)])
  }
}

extension Softmax: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish("Softmax", [vertex.input(0)], [.integer("axis", axis)])
  }
}

extension LogSoftmax: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish("LogSoftmax", [vertex.input(0)], [.integer("axis", axis)])
  }
}
