import Graphs
import Tensors

extension MatrixMultiply: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (a, b, c) = (instruction.inputs[0], instruction.inputs[1], instruction.outputs[0])
    if multipliesVector(lowering.shape(a), lowering.shape(b)) {
      return try lowerVector(a, b, c, in: lowering)
    }
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

  /// Whether each weight is read for one row alone, and all of them are more than a cache holds: memory sets the pace
  /// then, and our loop reads it half again as fast as oneDNN's. Small products stay with oneDNN, where a row has the
  /// same bits in any batch.
  private func multipliesVector(_ left: Shape, _ right: Shape) -> Bool {
    left.rank == 2 && right.rank == 2 && left[0] == 1 && !transposesLeft && transposesRight
      && right.count >= 1 << 20
  }

  private func lowerVector(
    _ a: ValueID, _ b: ValueID, _ c: ValueID, in lowering: Lowering
  ) throws(EngineError) {
    let (count, inner) = (lowering.shape(b)[0], lowering.shape(b)[1])
    let (vector, weights) = (try lowering.plain(a), try lowering.plain(b))
    let output = try lowering.define(c, .plain)
    let (threads, multiply) = (lowering.threads, lowering.loops.matrix.multiplyVector)
    lowering.emit(
      name, multiplyAdds: count * inner, reads: [vector, weights], writes: [output]
    ) { addresses in
      let (x, w) = (addresses.floats(vector), addresses.floats(weights))
      let y = addresses.floats(output)
      return ParallelStep(threads: threads) { part, parts in
        let rows = share(count, part: part, parts: parts, grain: 4)
        multiply(y + rows.lowerBound, x, w + rows.lowerBound * inner, inner, rows.count)
      }
    }
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
