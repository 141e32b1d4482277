import Graphs
import LoopInterface
import Tensors

extension SoftmaxCrossEntropy: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let shape = lowering.shape(instruction.inputs[0])
    let (logits, targets) = (
      try lowering.plain(instruction.inputs[0]), try lowering.plain(instruction.inputs[1])
    )
    let losses = try lowering.define(instruction.outputs[0], .plain)
    let (used, loops) = (shape.count < 4096 ? 1 : lowering.threads, lowering.loops)
    guard shape.rank == 2 else {
      let planes = ClassPlanes(shape)
      lowering.emit(name, reads: [logits, targets], writes: [losses]) { addresses in
        let (x, t) = (addresses.floats(logits), addresses.floats(targets))
        let loss = addresses.floats(losses)
        return ParallelStep(threads: used) { part, parts in
          planes.losses(x, t, loss, part: part, parts: parts, loops)
        }
      }
      return
    }
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
    guard shape.rank == 2 else {
      let planes = ClassPlanes(shape)
      lowering.emit(name, reads: inputs, writes: [output]) { addresses in
        let (x, t) = (addresses.floats(inputs[0]), addresses.floats(inputs[1]))
        let (dy, dx) = (addresses.floats(inputs[2]), addresses.floats(output))
        return ParallelStep(threads: used) { part, parts in
          planes.gradients(x, t, dy, dx, part: part, parts: parts, loops)
        }
      }
      return
    }
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

/// Numbers of N × K × …: for each class a plane, worked on in runs of samples that lie side by side.
private struct ClassPlanes {
  let batch: Int
  let classes: Int
  /// Samples of a plane.
  let area: Int

  /// Samples that are worked on together: a run of each class fits the first-level cache.
  private static let run = 256

  init(_ shape: Shape) {
    batch = shape[0]
    classes = shape[1]
    area = shape.dimensions.dropFirst(2).reduce(1, *)
  }

  private typealias Floats = UnsafeMutablePointer<Float>

  /// Calls `body` with the place of each run in N × K × area, its place in N × area, and its length.
  private func forEachRun(
    part: Int, parts: Int, scratch: Int,
    _ body: (_ start: Int, _ sample: Int, _ count: Int, _ scratch: Floats) -> Void
  ) {
    let runs = (area + Self.run - 1) / Self.run
    withUnsafeTemporaryAllocation(of: Float.self, capacity: scratch * Self.run) { memory in
      guard let scratch = memory.baseAddress else { return }
      for index in share(batch * runs, part: part, parts: parts) {
        let (n, first) = (index / runs, index % runs * Self.run)
        body(
          n * classes * area + first, n * area + first, min(Self.run, area - first), scratch)
      }
    }
  }

  /// The addresses below stay within batch · classes · area floats, and within the scratch.
  func losses(
    _ x: UnsafeMutablePointer<Float>, _ t: UnsafeMutablePointer<Float>,
    _ loss: UnsafeMutablePointer<Float>, part: Int, parts: Int, _ loops: TensorLoops
  ) {
    forEachRun(part: part, parts: parts, scratch: 4) { start, sample, count, scratch in
      let (largest, sum, e, log) = (
        scratch, scratch + Self.run, scratch + 2 * Self.run, scratch + 3 * Self.run
      )
      softmaxSum(x + start, largest: largest, sum: sum, scratch: e, count, loops)
      loops.tile(.log, log, sum, sum, sum, count, 0, 0)
      loops.tile(.add, log, log, largest, largest, count, 0, 0)
      let result = loss + sample
      result.update(repeating: 0, count: count)
      for k in 0..<classes {
        let (row, target) = (x + start + k * area, t + start + k * area)
        loops.tile(.subtract, e, log, row, row, count, 0, 0)
        loops.tile(.multiply, e, e, target, target, count, 0, 0)
        // A target of 0 adds nothing, even where the logit is infinitely small.
        loops.tile(.select, e, target, e, target, count, 0, 0)
        loops.tile(.add, result, result, e, e, count, 0, 0)
      }
    }
  }

  func gradients(
    _ x: UnsafeMutablePointer<Float>, _ t: UnsafeMutablePointer<Float>,
    _ dy: UnsafeMutablePointer<Float>, _ dx: UnsafeMutablePointer<Float>, part: Int, parts: Int,
    _ loops: TensorLoops
  ) {
    forEachRun(part: part, parts: parts, scratch: 4) { start, sample, count, scratch in
      let (largest, sum, e, total) = (
        scratch, scratch + Self.run, scratch + 2 * Self.run, scratch + 3 * Self.run
      )
      softmaxSum(
        x + start, largest: largest, sum: sum, scratch: e, count, loops, keeping: dx + start)
      total.update(repeating: 0, count: count)
      for k in 0..<classes {
        let target = t + start + k * area
        loops.tile(.add, total, total, target, target, count, 0, 0)
      }
      loops.tile(.divide, total, total, sum, sum, count, 0, 0)
      for k in 0..<classes {
        let (result, target) = (dx + start + k * area, t + start + k * area)
        loops.tile(.multiply, result, result, total, total, count, 0, 0)
        loops.tile(.subtract, result, result, target, target, count, 0, 0)
        loops.tile(.multiply, result, result, dy + sample, dy + sample, count, 0, 0)
      }
    }
  }

  /// The largest logit of each sample and Σ e^(x − largest); what is summed is kept where asked for.
  private func softmaxSum(
    _ x: Floats, largest: Floats, sum: Floats, scratch: Floats, _ count: Int,
    _ loops: TensorLoops, keeping kept: Floats? = nil
  ) {
    largest.update(from: x, count: count)
    for k in 1..<max(classes, 1) {
      loops.tile(.maximum, largest, largest, x + k * area, x, count, 0, 0)
    }
    sum.update(repeating: 0, count: count)
    for k in 0..<classes {
      let e = kept.map { $0 + k * area } ?? scratch
      loops.tile(.subtract, e, x + k * area, largest, largest, count, 0, 0)
      loops.tile(.exp, e, e, e, e, count, 0, 0)
      loops.tile(.add, sum, sum, e, e, count, 0, 0)
    }
  }
}
