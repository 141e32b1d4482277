import Graphs
import LoopInterface

/// Back-propagation through the steps of a run, with its memory.
///
/// All pointers are to whole tensors of the shapes that `RecurrenceGradient` states (where the cell has such); an
/// example's rows are touched by the one thread that has it.
struct RecurrenceBackRun {
  typealias Floats = UnsafeMutablePointer<Float>

  let geometry: RecurrenceGeometry
  let loops: TensorLoops
  let lengths: SequenceLengths
  /// Packed by gate.
  let weights: Floats
  let weightCount: Int
  let peepholes: Floats?
  let firstH, firstC, y: Floats
  let slots, states, upstream, upstreamH, upstreamC: Floats?
  let gateGradients, before: Floats
  let recurrentGradients: Floats?
  /// ``buffers`` of a step's outputs, then as many as there are gates.
  let memory: Floats

  static let buffers = 8

  /// Goes back through all steps with some examples.
  ///
  /// - Parameter peepholes: where the examples' part of the peepholes' gradients goes.
  func backward(
    _ examples: Range<Int>, initialH: Floats?, initialC: Floats?, peepholes: Floats?
  ) {
    let units = geometry.units
    let (offset, count) = (examples.lowerBound * units, examples.count * units)
    func buffer(_ index: Int) -> Floats { memory + (index * geometry.stepCount + offset) }
    // What arrives at h and c of a step, and what goes on to the step before.
    var (h, c) = (buffer(0), buffer(1))
    var (nextH, nextC) = (buffer(2), buffer(3))
    fill(h, from: upstreamH, offset, count)
    fill(c, from: upstreamC, offset, count)
    peepholes?.update(repeating: 0, count: geometry.cell.peepholes * units)

    for order in (0..<geometry.steps).reversed() {
      let step = geometry.step(order)
      let place = step * geometry.stepCount + offset
      gatherBefore(order, examples, into: before + place)
      let arriving = buffer(4)
      if let upstream {
        loops.tile(.add, arriving, h, upstream + place, h, count, 0, 0)
      } else {
        arriving.update(from: h, count: count)
      }
      let now = BackStep(
        run: self, step: step, examples: examples, count: count, y: y + place,
        slots: slots.map { $0 + (step * geometry.cell.slots * geometry.stepCount + offset) },
        state: states.map { $0 + place },
        stateBefore: states == nil
          ? nil
          : order == 0
            ? firstC + offset
            : states.map { $0 + (geometry.stepBefore(order) * geometry.stepCount + offset) },
        before: before + place, h: arriving, c: c, nextH: nextH, nextC: nextC,
        first: buffer(5), second: buffer(6), third: buffer(7),
        gates: (0..<geometry.gates).map { buffer(Self.buffers + $0) })
      now.run(peepholes: peepholes)
      write(now, examples, step)
      if lengths.values != nil {
        // Past an example's length what arrives goes on unchanged.
        for (place, example) in examples.enumerated()
        where !lengths.isActive(example, at: step) {
          let row = place * units
          (nextH + row).update(from: h + row, count: units)
          (nextC + row).update(from: c + row, count: units)
        }
      }
      swap(&h, &nextH)
      if geometry.cell.hasState { swap(&c, &nextC) }
    }
    if let initialH { (initialH + offset).update(from: h, count: count) }
    if let initialC { (initialC + offset).update(from: c, count: count) }
  }

  private func fill(_ target: Floats, from source: Floats?, _ offset: Int, _ count: Int) {
    if let source {
      target.update(from: source + offset, count: count)
    } else {
      target.update(repeating: 0, count: count)
    }
  }

  /// The h that each example began a step with.
  private func gatherBefore(_ order: Int, _ examples: Range<Int>, into target: Floats) {
    let (step, units) = (geometry.step(order), geometry.units)
    for (place, example) in examples.enumerated() {
      let isFirst = lengths.first(example, reversed: geometry.isReversed) == step || order == 0
      let source =
        isFirst
        ? firstH : y + geometry.stepBefore(order) * geometry.stepCount
      (target + place * units).update(from: source + example * units, count: units)
    }
  }

  /// Writes the gates' gradients as rows of all gates, zero past an example's length.
  private func write(_ now: BackStep, _ examples: Range<Int>, _ step: Int) {
    let (units, gates) = (geometry.units, geometry.gates)
    for (place, example) in examples.enumerated() {
      let row = gateGradients + (step * geometry.batch + example) * gates * units
      let recurrentRow = recurrentGradients.map {
        $0 + (step * geometry.batch + example) * gates * units
      }
      guard lengths.isActive(example, at: step) else {
        row.update(repeating: 0, count: gates * units)
        recurrentRow?.update(repeating: 0, count: gates * units)
        continue
      }
      for gate in 0..<gates {
        (row + gate * units).update(from: now.gates[gate] + place * units, count: units)
      }
      guard let recurrentRow else { continue }
      recurrentRow.update(from: row, count: 2 * units)
      (recurrentRow + 2 * units).update(from: now.second + place * units, count: units)
    }
  }
}

/// One step back of some examples: rows of `units` floats one after the other.
private struct BackStep {
  typealias Floats = UnsafeMutablePointer<Float>

  let run: RecurrenceBackRun
  let step: Int
  let examples: Range<Int>
  /// Floats in all rows.
  let count: Int
  let y: Floats
  let slots, state, stateBefore: Floats?
  let before: Floats
  /// What arrives at h and c, and what goes on.
  let h, c, nextH, nextC: Floats
  /// Room for what lies between; a GRU that is reset after the product leaves the gradient of U h₋ + b′ in
  /// the second.
  let first, second, third: Floats
  /// The gradients of the gates' sums.
  let gates: [Floats]

  private var loops: TensorLoops { run.loops }
  private var units: Int { run.geometry.units }

  func run(peepholes: Floats?) {
    guard let slots else {
      if case .simple(let rectifies) = run.geometry.cell { simple(rectifies: rectifies) }
      return
    }
    let slot = (0..<run.geometry.cell.slots).map { slots + $0 * run.geometry.stepCount }
    switch run.geometry.cell {
    case .simple: break
    case .lstm(_, let coupled):
      guard let state, let stateBefore else { return }
      lstm(slot, state, stateBefore, coupled: coupled, peepholes)
    case .gru(let resetAfter): gru(slot, resetAfter: resetAfter)
    }
  }

  // MARK: - Cells

  private func simple(rectifies: Bool) {
    apply(rectifies ? .reluGradient : .tanhGradient, gates[0], h, y)
    carryBack(0, adds: false)
  }

  private func lstm(
    _ slot: [Floats], _ state: Floats, _ stateBefore: Floats, coupled: Bool, _ peepholes: Floats?
  ) {
    let (i, f, g, o) = (slot[0], slot[1], slot[slot.count - 2], slot[slot.count - 1])
    let (di, df) = (gates[0], gates[1])
    let (dg, dO) = (gates[gates.count - 2], gates[gates.count - 1])
    // o, then c, which o and h see.
    apply(.tanh, first, state, state)
    apply(.multiply, dO, h, first)
    apply(.sigmoidGradient, dO, dO, o)
    apply(.multiply, second, h, o)
    apply(.tanhGradient, second, second, first)
    apply(.add, second, second, c)
    addPeephole(coupled ? 1 : 2, of: dO, to: second)
    let dc = second
    if coupled {
      apply(.subtract, first, g, stateBefore)
      apply(.multiply, di, dc, first)
      apply(.multiply, first, dc, i)
      apply(.subtract, nextC, dc, first)
    } else {
      apply(.multiply, di, dc, g)
      apply(.multiply, df, dc, stateBefore)
      apply(.sigmoidGradient, df, df, f)
      apply(.multiply, nextC, dc, f)
      addPeephole(1, of: df, to: nextC)
    }
    apply(.sigmoidGradient, di, di, i)
    addPeephole(0, of: di, to: nextC)
    apply(.multiply, dg, dc, i)
    apply(.tanhGradient, dg, dg, g)
    for gate in gates.indices { carryBack(gate, adds: gate > 0) }
    if let peepholes {
      sumPeephole(0, of: di, times: stateBefore, into: peepholes)
      if !coupled { sumPeephole(1, of: df, times: stateBefore, into: peepholes) }
      sumPeephole(coupled ? 1 : 2, of: dO, times: state, into: peepholes)
    }
  }

  private func gru(_ slot: [Floats], resetAfter: Bool) {
    let (z, r, n, s) = (slot[0], slot[1], slot[2], slot[3])
    let (dz, dr, dn) = (gates[0], gates[1], gates[2])
    apply(.multiply, nextH, h, z)
    apply(.subtract, dn, h, nextH)
    apply(.tanhGradient, dn, dn, n)
    apply(.subtract, dz, before, n)
    apply(.multiply, dz, dz, h)
    apply(.sigmoidGradient, dz, dz, z)
    if resetAfter {
      apply(.multiply, dr, dn, s)
      apply(.multiply, second, dn, r)
      product(second, 2, into: nextH, adds: true)
    } else {
      product(dn, 2, into: third, adds: false)
      apply(.multiply, dr, third, before)
      apply(.multiply, third, third, r)
      apply(.add, nextH, nextH, third)
    }
    apply(.sigmoidGradient, dr, dr, r)
    carryBack(0, adds: true)
    carryBack(1, adds: true)
  }

  // MARK: - Parts

  /// What a gate hands to h₋: its gradient times its part of U.
  private func carryBack(_ gate: Int, adds: Bool) {
    product(gates[gate], gate, into: nextH, adds: adds)
  }

  private func product(_ gradient: Floats, _ gate: Int, into result: Floats, adds: Bool) {
    loops.matrix.multiply(
      result, units, gradient, units, run.weights + gate * run.weightCount, examples.count, units,
      units, nil, adds)
  }

  private func addPeephole(_ index: Int, of gradient: Floats, to c: Floats) {
    guard let peepholes = run.peepholes else { return }
    let weights = peepholes + index * units
    for row in stride(from: 0, to: count, by: units) {
      loops.tile(.multiplyAdd, c + row, gradient + row, weights, c + row, units, 0, 0)
    }
  }

  /// Adds the products of rows that have a step there.
  private func sumPeephole(
    _ index: Int, of gradient: Floats, times c: Floats, into sums: Floats
  ) {
    let sum = sums + index * units
    for (place, example) in examples.enumerated() where isActive(example) {
      let row = place * units
      loops.tile(.multiplyAdd, sum, gradient + row, c + row, sum, units, 0, 0)
    }
  }

  private func isActive(_ example: Int) -> Bool { run.lengths.isActive(example, at: step) }

  private func apply(_ operation: TileOperation, _ result: Floats, _ a: Floats, _ b: Floats) {
    loops.tile(operation, result, a, b, b, count, 0, 0)
  }
}
