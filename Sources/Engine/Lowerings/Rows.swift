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
private func logSumExp(
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

extension SoftmaxCrossEntropy: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let shape = lowering.shape(instruction.inputs[0])
    let (logits, targets) = (
      try lowering.plain(instruction.inputs[0]), try lowering.plain(instruction.inputs[1])
    )
    let losses = try lowering.define(instruction.outputs[0], .plain)
    let (used, loops) = (shape.count < 4096 ? 1 : lowering.threads, lowering.loops)
    lowering.emit(name, reads: [logits, targets], writes: [losses]) { addresses in
      let (x, t) = (addresses.floats(logits), addresses.floats(targets))
      let (loss, classes) = (addresses.floats(losses), shape[1])
      return ParallelStep(threads: used) { part, parts in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: classes) { memory in
          guard let scratch = memory.baseAddress else { return }
          for n in share(shape[0], part: part, parts: parts) {
            let (row, target) = (x + n * classes, t + n * classes)
            let sum = logSumExp(row, scratch, classes, loops)
            let log = sum.largest + sum.rest
            // A target of 0 adds nothing, even where the logit is infinitely small.
            for k in 0..<classes {
              scratch[k] = target[k] == 0 ? 0 : target[k] * (log - row[k])
            }
            loss[n] = loops.sum(scratch, classes)
          }
        }
      }
    }
  }
}

extension SoftmaxCrossEntropyGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let shape = lowering.shape(instruction.inputs[0])
    let inputs = try instruction.inputs.map { (value) throws(EngineError) in
      try lowering.plain(value)
    }
    let output = try lowering.define(instruction.outputs[0], .plain)
    let (used, loops) = (shape.count < 4096 ? 1 : lowering.threads, lowering.loops)
    lowering.emit(name, reads: inputs, writes: [output]) { addresses in
      let (x, t) = (addresses.floats(inputs[0]), addresses.floats(inputs[1]))
      let (dy, dx) = (addresses.floats(inputs[2]), addresses.floats(output))
      let classes = shape[1]
      return ParallelStep(threads: used) { part, parts in
        for n in share(shape[0], part: part, parts: parts) {
          let (row, target, result) = (x + n * classes, t + n * classes, dx + n * classes)
          let largest = loops.maximum(row, classes)
          loops.tile(.affine, result, row, row, row, classes, 1, -largest)
          loops.tile(.exp, result, result, result, result, classes, 0, 0)
          let scale = loops.sum(target, classes) / loops.sum(result, classes)
          for k in 0..<classes { result[k] = (result[k] * scale - target[k]) * dy[n] }
        }
      }
    }
  }
}
