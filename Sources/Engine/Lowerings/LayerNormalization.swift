import Graphs
import LoopInterface
import Tensors

extension LayerNormalization: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let shape = lowering.shape(instruction.inputs[0])
    let count = shape.dimensions[axis...].reduce(1, *)
    let rows = shape.count / count
    let inputs = try instruction.inputs.map { (value) throws(EngineError) in
      try lowering.plain(value)
    }
    let output = try lowering.define(instruction.outputs[0], .plain)
    let (used, loops) = (shape.count < 4096 ? 1 : lowering.threads, lowering.loops)
    let epsilon = epsilon
    lowering.emit(name, reads: inputs, writes: [output]) { addresses in
      let (x, y) = (addresses.floats(inputs[0]), addresses.floats(output))
      let (scale, shift) = (addresses.floats(inputs[1]), addresses.floats(inputs[2]))
      return ParallelStep(threads: used) { part, parts in
        for row in share(rows, part: part, parts: parts) {
          let (source, result) = (x + row * count, y + row * count)
          let (mean, inverse) = moments(source, count, epsilon, loops)
          loops.tile(.affine, result, source, source, source, count, inverse, -mean * inverse)
          loops.tile(.multiplyAdd, result, result, scale, shift, count, 0, 0)
        }
      }
    }
  }
}

/// The mean of a row and one over its deviation.
private func moments(
  _ row: UnsafePointer<Float>, _ count: Int, _ epsilon: Float, _ loops: TensorLoops
) -> (mean: Float, inverse: Float) {
  let mean = loops.sum(row, count) / Float(count)
  let variance = loops.squaredDistance(row, mean, count) / Float(count)
  return (mean, 1 / (variance + epsilon).squareRoot())
}

extension LayerNormalizationGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let shape = lowering.shape(instruction.inputs[0])
    let count = shape.dimensions[axis...].reduce(1, *)
    let rows = shape.count / count
    let inputs = try instruction.inputs.map { (value) throws(EngineError) in
      try lowering.plain(value)
    }
    let outputs = try instruction.outputs.map { (value) throws(EngineError) in
      try lowering.define(value, .plain)
    }
    let (loops, epsilon) = (lowering.loops, epsilon)
    lowering.emit(name, reads: inputs, writes: outputs) { addresses in
      let (x, scale) = (addresses.floats(inputs[0]), addresses.floats(inputs[1]))
      let (dy, dx) = (addresses.floats(inputs[2]), addresses.floats(outputs[0]))
      let (dscale, dshift) = (addresses.floats(outputs[1]), addresses.floats(outputs[2]))
      let scratch = Scratch(floats: 2 * count)
      let (normal, weighted) = (scratch.address, scratch.address + count)
      return LoopStep {
        _ = scratch
        dscale.update(repeating: 0, count: count)
        dshift.update(repeating: 0, count: count)
        for row in 0..<rows {
          let (source, upstream, result) = (x + row * count, dy + row * count, dx + row * count)
          let (mean, inverse) = moments(source, count, epsilon, loops)
          loops.tile(.affine, normal, source, source, source, count, inverse, -mean * inverse)
          loops.tile(.multiplyAdd, dscale, upstream, normal, dscale, count, 0, 0)
          loops.tile(.add, dshift, dshift, upstream, upstream, count, 0, 0)
          loops.tile(.multiply, weighted, upstream, scale, scale, count, 0, 0)
          let a = loops.sum(weighted, count) / Float(count)
          let b = loops.dot(weighted, normal, count) / Float(count)
          // (d − a − x̂ · b) / deviation
          loops.tile(.affine, normal, normal, normal, normal, count, -b * inverse, -a * inverse)
          loops.tile(.affine, result, weighted, weighted, weighted, count, inverse, 0)
          loops.tile(.add, result, result, normal, normal, count, 0, 0)
        }
      }
    }
  }
}
