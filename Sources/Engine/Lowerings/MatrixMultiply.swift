import Graphs
import Tensors

extension MatrixMultiply: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (a, b, c) = (instruction.inputs[0], instruction.inputs[1], instruction.outputs[0])
    let rank = lowering.shape(c).rank
    let source = try matrices(lowering.shape(a), rank: rank, transposed: transposesLeft)
    let weights = try matrices(lowering.shape(b), rank: rank, transposed: transposesRight)
    let destination = try Form.plain.descriptor(lowering.shape(c))
    let primitive = try Primitive(
      try PrimitiveDescriptor(
        matrixMultiply: source, weights: weights, destination: destination))
    let reads = [
      (Argument.source, source, try lowering.plain(a)),
      (.weights, weights, try lowering.plain(b)),
    ]
    lowering.emit(
      name, primitive, multiplyAdds: lowering.shape(c).count * source.dimensions[rank - 1],
      reads: reads,
      writes: [(.destination, destination, try lowering.define(c, .plain))])
  }

  /// Plain matrices with leading axes filled up with 1, the last two swapped where transposed.
  private func matrices(
    _ shape: Shape, rank: Int, transposed: Bool
  ) throws(EngineError) -> MemoryDescriptor {
    let filling = [Int](repeating: 1, count: rank - shape.rank)
    var dimensions = filling + shape.dimensions
    var strides = filling.map { _ in shape.count } + shape.strides
    if transposed {
      dimensions.swapAt(rank - 2, rank - 1)
      strides.swapAt(rank - 2, rank - 1)
    }
    return try MemoryDescriptor(dimensions, strides: strides, .float32)
  }
}
