import Graphs
import Tensors

extension RandomUniform: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try lowering.emitDraw(name, instruction) { source, target in source.fillUniform(target) }
  }
}

extension RandomNormal: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try lowering.emitDraw(name, instruction) { source, target in source.fillNormal(target) }
  }
}

extension DropoutMask: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (keep, kept) = (keepProbability, 1 / keepProbability)
    try lowering.emitDraw(name, instruction) { source, target in
      source.fillUniform(target)
      for index in target.indices { target[index] = target[index] < keep ? kept : 0 }
    }
  }
}

extension Lowering {
  /// Fills an output anew at each run, in parts that each draw from their own place in the stream.
  fileprivate func emitDraw(
    _ name: String, _ instruction: Program.Instruction,
    _ fill: @escaping (inout RandomSource, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(EngineError) {
    let count = shape(instruction.outputs[0]).count
    let output = try define(instruction.outputs[0], .plain)
    let used = count < 4096 ? 1 : threads
    let (random, stream) = (random, instruction.stream)
    emit(name, reads: [], writes: [output], isRandom: true) { addresses in
      let target = addresses.floats(output)
      return ParallelStep(threads: used) { part, parts in
        let range = share(count, part: part, parts: parts, grain: 4)
        var source = random.source.stream(named: stream, run: random.run)
        source.skip(numbers: range.lowerBound)
        fill(
          &source, UnsafeMutableBufferPointer(start: target + range.lowerBound, count: range.count))
      }
    }
  }
}
