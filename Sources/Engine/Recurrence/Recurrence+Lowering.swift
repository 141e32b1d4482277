import Graphs
import Tensors

extension Recurrence: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (places, outputs) = (places, instruction.outputs)
    let geometry = RecurrenceGeometry(
      self, y: lowering.shape(outputs[0]),
      features: lowering.shape(instruction.inputs[places.x])[2])
    let inputs = try instruction.inputs.map { (value) throws(EngineError) in
      try lowering.plain(value)
    }
    let weights = lowering.packedTransposed(
      inputs[places.weight], parts: geometry.gates, rows: geometry.units,
      columns: geometry.features)
    let recurrentWeights = lowering.packedTransposed(
      inputs[places.recurrentWeight], parts: geometry.gates, rows: geometry.units,
      columns: geometry.units)

    let y = try lowering.define(outputs[0], .plain)
    let lastH = try lowering.define(outputs[1], .plain)
    let lastC = cell.hasState ? try lowering.define(outputs[2], .plain) : nil
    // Kept for the way back, where there is one; else each step writes over the one before.
    let kept = [slotsPlace, statesPlace].compactMap { $0.map { outputs[$0] } }
    let keeps = kept.contains(where: lowering.isRead)
    var slots: BufferID?
    if let place = slotsPlace {
      slots =
        keeps
        ? try lowering.define(outputs[place], .plain)
        : lowering.newBuffer(cell.slots * geometry.stepCount * 4)
    }
    var states: BufferID?
    if let place = statesPlace {
      states =
        keeps
        ? try lowering.define(outputs[place], .plain)
        : lowering.newBuffer(geometry.stepCount * 4)
    }
    let bias = biases(inputs, geometry, in: lowering)

    let writes = [y, lastH] + [lastC, slots, states].compactMap(\.self)
    let multiplyAdds =
      geometry.steps * geometry.batch * geometry.gates * geometry.units
      * (geometry.features + geometry.units)
    let (loops, clip, threads) = (lowering.loops, clip, geometry.threads(lowering.threads))
    lowering.emit(
      name, multiplyAdds: multiplyAdds,
      reads: inputs + [weights.buffer, recurrentWeights.buffer, bias], writes: writes
    ) { addresses in
      func floats(_ place: Int?) -> UnsafeMutablePointer<Float>? {
        place.map { addresses.floats(inputs[$0]) }
      }
      let zeros = Scratch(floats: geometry.stepCount)
      let run = RecurrenceRun(
        geometry: geometry, loops: loops, clip: clip,
        lengths: SequenceLengths(
          values: floats(places.lengths).map { UnsafePointer($0) }, steps: geometry.steps),
        x: addresses.floats(inputs[places.x]), weights: addresses.floats(weights.buffer),
        weightCount: weights.partCount,
        recurrentWeights: addresses.floats(recurrentWeights.buffer),
        recurrentWeightCount: recurrentWeights.partCount, bias: addresses.floats(bias),
        recurrentBias: floats(places.recurrentBias), peepholes: floats(places.peepholes),
        firstH: floats(places.h) ?? zeros.address, firstC: floats(places.c) ?? zeros.address,
        y: addresses.floats(y), lastH: addresses.floats(lastH),
        lastC: addresses.floats(lastC ?? lastH), slots: addresses.floats(slots ?? y),
        states: addresses.floats(states ?? y), keeps: keeps)
      return ParallelStep(threads: threads) { part, parts in
        _ = zeros
        run.forward(share(geometry.batch, part: part, parts: parts))
      }
    }
  }

  /// The bias of the products W x: b, and b + b′ for the gates z and r.
  private func biases(
    _ inputs: [BufferID], _ geometry: RecurrenceGeometry, in lowering: Lowering
  ) -> BufferID {
    guard let place = places.recurrentBias else { return inputs[places.bias] }
    let sum = lowering.newBuffer(geometry.gates * geometry.units * 4)
    let (first, second) = (inputs[places.bias], inputs[place])
    lowering.emit("bias", reads: [first, second], writes: [sum]) { addresses in
      let (a, b) = (addresses.floats(first), addresses.floats(second))
      let result = addresses.floats(sum)
      return LoopStep {
        for index in 0..<3 * geometry.units {
          result[index] = index < 2 * geometry.units ? a[index] + b[index] : a[index]
        }
      }
    }
    return sum
  }
}

extension Lowering {
  /// Whether an instruction or the caller reads a value.
  func isRead(_ value: ValueID) -> Bool {
    program.kept.contains(value) || program.instructions.contains { $0.inputs.contains(value) }
  }
}
