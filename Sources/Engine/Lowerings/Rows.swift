import Graphs
import LoopInterface
import Tensors

/// An axis of a plain tensor, seen as rows: `outer` × `count` × `inner`, a row running along the
/// middle.
struct Rows {
  let outer: Int
  let count: Int
  let inner: Int

  init(_ shape: Shape, axis: Int) {
    outer = shape.dimensions[..<axis].reduce(1, *)
    count = shape[axis]
    inner = shape.dimensions[(axis + 1)...].reduce(1, *)
  }

  /// Calls `body` with each row of the source, gathered where it is not contiguous, and with the
  /// place for its result.
  func forEach(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, part: Int, parts: Int,
    _ body: (_ row: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>) -> Void
  ) {
    if inner == 1 {
      for row in share(outer, part: part, parts: parts) {
        body(source + row * count, target + row * count)
      }
      return
    }
    // The addresses below stay within outer · count · inner floats.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { memory in
      guard let row = memory.baseAddress else { return }
      let result = row + count
      for index in share(outer * inner, part: part, parts: parts) {
        let start = index / inner * count * inner + index % inner
        for i in 0..<count { row[i] = source[start + i * inner] }
        body(row, result)
        for i in 0..<count { target[start + i * inner] = result[i] }
      }
    }
  }
}

extension Softmax: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try lowering.emitRows(name, instruction, axis: axis) { row, result, count, loops in
      let largest = loops.maximum(row, count)
      loops.tile(.affine, result, row, row, row, count, 1, -largest)
      loops.tile(.exp, result, result, result, result, count, 0, 0)
      loops.tile(.affine, result, result, result, result, count, 1 / loops.sum(result, count), 0)
    }
  }
}

extension LogSoftmax: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try lowering.emitRows(name, instruction, axis: axis) { row, result, count, loops in
      let (largest, rest) = logSumExp(row, result, count, loops)
      // One after the other: beside a large number the other would be lost.
      loops.tile(.affine, result, row, row, row, count, 1, -largest)
      loops.tile(.affine, result, result, result, result, count, 1, -rest)
    }
  }
}

/// ln Σ eˣ as the sum of two numbers, of which one is the largest x; `scratch` is overwritten.
func logSumExp(
  _ row: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>, _ count: Int,
  _ loops: TensorLoops
) -> (largest: Float, rest: Float) {
  let largest = loops.maximum(row, count)
  loops.tile(.affine, scratch, row, row, row, count, 1, -largest)
  loops.tile(.exp, scratch, scratch, scratch, scratch, count, 0, 0)
  scratch[0] = loops.sum(scratch, count)
  loops.tile(.log, scratch, scratch, scratch, scratch, 1, 0, 0)
  return (largest, scratch[0])
}

extension Lowering {
  /// A function of each row along an axis.
  fileprivate func emitRows(
    _ name: String, _ instruction: Program.Instruction, axis: Int,
    _ body:
      @escaping (
        _ row: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ count: Int,
        _ loops: TensorLoops
      ) -> Void
  ) throws(EngineError) {
    let shape = shape(instruction.inputs[0])
    let rows = Rows(shape, axis: axis)
    let input = try plain(instruction.inputs[0])
    let output = try define(instruction.outputs[0], .plain)
    let used = shape.count < 4096 ? 1 : threads
    let loops = loops
    emit(name, reads: [input], writes: [output]) { addresses in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      return ParallelStep(threads: used) { part, parts in
        rows.forEach(source, target, part: part, parts: parts) { body($0, $1, rows.count, loops) }
      }
    }
  }
}
