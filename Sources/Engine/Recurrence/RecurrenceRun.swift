import Graphs
import LoopInterface

/// A forward run over sequences, with its memory.
///
/// All pointers are to whole tensors of the shapes that `Recurrence` states (where the cell has such); an
/// example's rows are touched by the one thread that has it.
struct RecurrenceRun {
  typealias Floats = UnsafeMutablePointer<Float>

  let geometry: RecurrenceGeometry
  let loops: TensorLoops
  let clip: Float?
  let lengths: SequenceLengths
  let x: Floats
  /// Packed by gate.
  let weights: Floats
  let weightCount: Int
  let recurrentWeights: Floats
  let recurrentWeightCount: Int
  let bias: Floats
  let recurrentBias, peepholes: Floats?
  let firstH, firstC: Floats
  let y, lastH, lastC, slots, states: Floats
  /// Whether slots and states have a place for every step.
  let keeps: Bool

  /// Runs all steps of some examples.
  func forward(_ examples: Range<Int>) {
    let (units, hasState) = (geometry.units, geometry.cell.hasState)
    let (offset, count) = (examples.lowerBound * units, examples.count * units)
    // The last output and state of each example so far: what the next step begins with.
    let (h, c) = (lastH + offset, lastC + offset)
    h.update(from: firstH + offset, count: count)
    if hasState { c.update(from: firstC + offset, count: count) }
    for order in 0..<geometry.steps {
      let step = geometry.step(order)
      let output = y + (step * geometry.stepCount + offset)
      let place = keeps ? step : 0
      let state = states + (place * geometry.stepCount + offset)
      let now = CellStep(
        run: self, examples: examples, count: count,
        input: x + (step * geometry.batch + examples.lowerBound) * geometry.features,
        slots: slots + (place * geometry.cell.slots * geometry.stepCount + offset),
        before: h, stateBefore: c, output: output, state: state)
      switch geometry.cell {
      case .simple(let rectifies): now.simple(rectifies: rectifies)
      case .lstm(_, let coupled): now.lstm(coupled: coupled)
      case .gru(let resetAfter): now.gru(resetAfter: resetAfter)
      }
      // Past an example's length nothing changes, and nothing comes out.
      for (place, example) in examples.enumerated() {
        let row = place * units
        if lengths.isActive(example, at: step) {
          (h + row).update(from: output + row, count: units)
          if hasState { (c + row).update(from: state + row, count: units) }
        } else {
          (output + row).update(repeating: 0, count: units)
          if hasState { (state + row).update(from: c + row, count: units) }
        }
      }
    }
  }
}

/// One step of some examples: rows of `units` floats one after the other.
private struct CellStep {
  typealias Floats = UnsafeMutablePointer<Float>

  let run: RecurrenceRun
  let examples: Range<Int>
  /// Floats in all rows.
  let count: Int
  let input: Floats
  /// The first slot; the others follow a step's outputs apart.
  let slots: Floats
  let before, stateBefore: Floats
  let output, state: Floats

  private var loops: TensorLoops { run.loops }
  private var units: Int { run.geometry.units }

  private func slot(_ index: Int) -> Floats { slots + index * run.geometry.stepCount }

  // MARK: - Cells

  func simple(rectifies: Bool) {
    product(0, into: output)
    recurrentProduct(0, of: before, into: output)
    clip(output)
    apply(rectifies ? .relu : .tanh, output, output, output)
  }

  func lstm(coupled: Bool) {
    let gates = run.geometry.gates
    for gate in 0..<gates {
      product(gate, into: slot(gate))
      recurrentProduct(gate, of: before, into: slot(gate))
    }
    let (i, f, g, o) = (slot(0), slot(1), slot(gates - 2), slot(gates - 1))
    addPeephole(0, of: stateBefore, to: i)
    activate(.sigmoid, i)
    if !coupled {
      addPeephole(1, of: stateBefore, to: f)
      activate(.sigmoid, f)
    }
    activate(.tanh, g)
    if coupled {
      // (1 − i) · c₋ + i · g
      apply(.subtract, state, g, stateBefore)
      apply(.multiplyAdd, state, state, i, stateBefore)
    } else {
      apply(.multiply, state, f, stateBefore)
      apply(.multiplyAdd, state, i, g, state)
    }
    addPeephole(coupled ? 1 : 2, of: state, to: o)
    activate(.sigmoid, o)
    apply(.tanh, output, state, state)
    apply(.multiply, output, output, o)
  }

  func gru(resetAfter: Bool) {
    let (z, r, n, s) = (slot(0), slot(1), slot(2), slot(3))
    for gate in 0..<2 {
      product(gate, into: slot(gate))
      recurrentProduct(gate, of: before, into: slot(gate))
      activate(.sigmoid, slot(gate))
    }
    product(2, into: n)
    if resetAfter, let bias = run.recurrentBias {
      recurrentProduct(2, of: before, into: s, bias: bias + 2 * units)
      apply(.multiplyAdd, n, r, s, n)
    } else {
      apply(.multiply, s, r, before)
      recurrentProduct(2, of: s, into: n)
    }
    activate(.tanh, n)
    // (1 − z) · n + z · h₋
    apply(.subtract, output, before, n)
    apply(.multiplyAdd, output, output, z, n)
  }

  // MARK: - Parts

  /// W x + b of a gate.
  private func product(_ gate: Int, into result: Floats) {
    let features = run.geometry.features
    loops.matrix.multiply(
      result, units, input, features, run.weights + gate * run.weightCount, examples.count,
      features, units, run.bias + gate * units, false)
  }

  /// U h of a gate, added, or with a bias of its own.
  private func recurrentProduct(
    _ gate: Int, of h: Floats, into result: Floats, bias: Floats? = nil
  ) {
    loops.matrix.multiply(
      result, units, h, units, run.recurrentWeights + gate * run.recurrentWeightCount,
      examples.count, units, units, bias, bias == nil)
  }

  private func addPeephole(_ index: Int, of c: Floats, to gate: Floats) {
    guard let peepholes = run.peepholes else { return }
    let weights = peepholes + index * units
    for row in stride(from: 0, to: count, by: units) {
      loops.tile(.multiplyAdd, gate + row, c + row, weights, gate + row, units, 0, 0)
    }
  }

  private func clip(_ values: Floats) {
    guard let bound = run.clip else { return }
    loops.tile(.clip, values, values, values, values, count, -bound, bound)
  }

  private func activate(_ operation: TileOperation, _ values: Floats) {
    clip(values)
    apply(operation, values, values, values)
  }

  private func apply(
    _ operation: TileOperation, _ result: Floats, _ a: Floats, _ b: Floats, _ c: Floats? = nil
  ) {
    loops.tile(operation, result, a, b, c ?? b, count, 0, 0)
  }
}
