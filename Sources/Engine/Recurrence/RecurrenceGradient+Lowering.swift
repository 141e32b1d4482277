import Graphs
import Tensors

extension RecurrenceGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let places = places
    let geometry = RecurrenceGeometry(
      recurrence, y: lowering.shape(instruction.inputs[places.y]), features: 0)
    let inputs = try instruction.inputs.map { (value) throws(EngineError) in
      try lowering.plain(value)
    }
    let weights = lowering.packed(
      inputs[places.recurrentWeight], parts: geometry.gates, rows: geometry.units,
      columns: geometry.units)
    let outputs = try instruction.outputs.map { (value) throws(EngineError) in
      try lowering.define(value, .plain)
    }
    let threads = geometry.threads(lowering.threads)
    // Each thread sums the peepholes' gradients of its examples.
    let peepholeCount = recurrence.cell.peepholes * geometry.units
    let partial = peepholeCount > 0 ? lowering.newBuffer(threads * peepholeCount * 4) : nil
    let hasInitialState = recurrence.hasInitialState
    let loops = lowering.loops
    lowering.emit(
      name,
      multiplyAdds: geometry.steps * geometry.batch * geometry.gates * geometry.units
        * geometry.units,
      reads: inputs + [weights.buffer], writes: outputs + (partial.map { [$0] } ?? [])
    ) { addresses in
      func floats(_ place: Int?) -> UnsafeMutablePointer<Float>? {
        place.map { addresses.floats(inputs[$0]) }
      }
      func output(_ place: Int?) -> UnsafeMutablePointer<Float>? {
        place.map { addresses.floats(outputs[$0]) }
      }
      let gates = geometry.gates
      let zeros = Scratch(floats: geometry.stepCount)
      let memory = Scratch(floats: (gates + RecurrenceBackRun.buffers) * geometry.stepCount)
      let run = RecurrenceBackRun(
        geometry: geometry, loops: loops,
        lengths: SequenceLengths(
          values: floats(places.lengths).map { UnsafePointer($0) }, steps: geometry.steps),
        weights: addresses.floats(weights.buffer), weightCount: weights.partCount,
        peepholes: floats(places.peepholes), firstH: floats(places.h) ?? zeros.address,
        firstC: floats(places.c) ?? zeros.address, y: addresses.floats(inputs[places.y]),
        slots: floats(places.slots), states: floats(places.states),
        upstream: floats(places.upstream[0]), upstreamH: floats(places.upstream[1]),
        upstreamC: floats(places.upstream[2]), gateGradients: addresses.floats(outputs[0]),
        before: addresses.floats(outputs[1]), recurrentGradients: output(recurrentGatesPlace),
        memory: memory.address)
      let (first, peepholes) = (initialPlace, partial.map { addresses.floats($0) })
      let (hGradient, cGradient) = (
        hasInitialState ? output(first) : nil,
        hasInitialState && geometry.cell.hasState ? output(first + 1) : nil
      )
      return ParallelStep(threads: threads) { part, parts in
        _ = (zeros, memory)
        run.backward(
          share(geometry.batch, part: part, parts: parts), initialH: hGradient,
          initialC: cGradient, peepholes: peepholes.map { $0 + part * peepholeCount })
      }
    }
    guard let partial else { return }
    let sum = outputs[peepholesPlace]
    lowering.emit("sum", reads: [partial], writes: [sum]) { addresses in
      let (parts, result) = (addresses.floats(partial), addresses.floats(sum))
      return LoopStep {
        result.update(repeating: 0, count: peepholeCount)
        loops.addRows(result, parts, threads, peepholeCount, peepholeCount)
      }
    }
  }
}
