import Glibc
import Graphs
import Tensors

extension Recurrence: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[places.x]
    let (steps, batch) = (x.shape[0], x.shape[1])
    let units = inputs[places.recurrentWeight].shape[1]
    var y = ReferenceTensor([steps, batch, units])
    var slots = ReferenceTensor([steps, max(cell.slots, 1), batch, units])
    var states = ReferenceTensor([steps, batch, units])
    var lastH = ReferenceTensor([batch, units])
    var lastC = lastH
    for n in 0..<batch {
      var h = (0..<units).map { u in places.h.map { inputs[$0][[n, u]] } ?? 0 }
      var c = (0..<units).map { u in places.c.map { inputs[$0][[n, u]] } ?? 0 }
      for t in isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
        if let place = places.lengths, Double(t) >= inputs[place].values[n] {
          for u in 0..<units { states[[t, n, u]] = c[u] }
          continue
        }
        let made = step(inputs, x: { x[[t, n, $0]] }, h, c)
        (h, c) = (made.h, made.c)
        for u in 0..<units {
          y[[t, n, u]] = h[u]
          states[[t, n, u]] = c[u]
          for (slot, values) in made.slots.enumerated() { slots[[t, slot, n, u]] = values[u] }
        }
      }
      for u in 0..<units { (lastH[[n, u]], lastC[[n, u]]) = (h[u], c[u]) }
    }
    return [y, lastH] + (cell.hasState ? [lastC] : []) + (cell.slots > 0 ? [slots] : [])
      + (cell.hasState ? [states] : [])
  }

  /// h and c after a step, and what is kept of it.
  private func step(
    _ inputs: [ReferenceTensor], x: (Int) -> Double, _ h: [Double], _ c: [Double]
  ) -> (h: [Double], c: [Double], slots: [[Double]]) {
    let (w, u) = (inputs[places.weight], inputs[places.recurrentWeight])
    let units = h.count
    func input(_ gate: Int, _ unit: Int) -> Double {
      let row = gate * units + unit
      return inputs[places.bias].values[row]
        + (0..<w.shape[1]).reduce(0) { $0 + w[[row, $1]] * x($1) }
    }
    func recurrent(_ gate: Int, _ unit: Int, _ h: [Double]) -> Double {
      (0..<units).reduce(0) { $0 + u[[gate * units + unit, $1]] * h[$1] }
    }
    func bounded(_ value: Double) -> Double {
      clip.map { min(max(value, -Double($0)), Double($0)) } ?? value
    }
    func sigma(_ value: Double) -> Double { 1 / (1 + exp(-bounded(value))) }
    func peephole(_ index: Int, _ unit: Int, _ c: [Double]) -> Double {
      places.peepholes.map { inputs[$0][[index, unit]] * c[unit] } ?? 0
    }
    let all = 0..<units
    switch cell {
    case .simple(let rectifies):
      let sums = all.map { bounded(input(0, $0) + recurrent(0, $0, h)) }
      return (sums.map { rectifies ? max(0, $0) : tanh($0) }, c, [])
    case .lstm(_, let coupled):
      func sum(_ gate: Int, _ unit: Int) -> Double { input(gate, unit) + recurrent(gate, unit, h) }
      let last = cell.gates - 1
      let i = all.map { sigma(sum(0, $0) + peephole(0, $0, c)) }
      let f = all.map { coupled ? 1 - i[$0] : sigma(sum(1, $0) + peephole(1, $0, c)) }
      let g = all.map { tanh(bounded(sum(last - 1, $0))) }
      let next = all.map { f[$0] * c[$0] + i[$0] * g[$0] }
      let o = all.map { sigma(sum(last, $0) + peephole(coupled ? 1 : 2, $0, next)) }
      return (all.map { o[$0] * tanh(next[$0]) }, next, coupled ? [i, g, o] : [i, f, g, o])
    case .gru(let resetAfter):
      let second = places.recurrentBias.map { inputs[$0].values } ?? []
      func bias(_ gate: Int, _ unit: Int) -> Double {
        resetAfter ? second[gate * units + unit] : 0
      }
      let z = all.map { sigma(input(0, $0) + recurrent(0, $0, h) + bias(0, $0)) }
      let r = all.map { sigma(input(1, $0) + recurrent(1, $0, h) + bias(1, $0)) }
      let reset = zip(r, h).map { $0 * $1 }
      let s = all.map { resetAfter ? recurrent(2, $0, h) + bias(2, $0) : reset[$0] }
      let n = all.map {
        tanh(bounded(input(2, $0) + (resetAfter ? r[$0] * s[$0] : recurrent(2, $0, reset))))
      }
      return (all.map { (1 - z[$0]) * n[$0] + z[$0] * h[$0] }, c, [z, r, n, s])
    }
  }
}

extension RecurrenceGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (y, cell) = (inputs[places.y], recurrence.cell)
    let (steps, batch, units) = (y.shape[0], y.shape[1], y.shape[2])
    let u = inputs[places.recurrentWeight]
    var gates = ReferenceTensor([steps, batch, cell.gates * units])
    var recurrentGates = gates
    var before = y.map { _ in 0 }
    var peepholes = ReferenceTensor([max(1, cell.peepholes), units])
    var (firstH, firstC) = (ReferenceTensor([batch, units]), ReferenceTensor([batch, units]))
    func given(_ place: Int?, _ index: [Int]) -> Double { place.map { inputs[$0][index] } ?? 0 }
    for n in 0..<batch {
      let length = places.lengths.map { Int(inputs[$0].values[n]) } ?? steps
      let order = Array(0..<min(length, steps))
      let run = recurrence.isReversed ? Array(order.reversed()) : order
      var dh = (0..<units).map { given(places.upstream[1], [n, $0]) }
      var dc = (0..<units).map { given(places.upstream[2], [n, $0]) }
      for (place, t) in run.enumerated().reversed() {
        let h = (0..<units).map {
          place == 0 ? given(places.h, [n, $0]) : y[[run[place - 1], n, $0]]
        }
        let c = (0..<units).map {
          place == 0 ? given(places.c, [n, $0]) : given(places.states, [run[place - 1], n, $0])
        }
        var (d, r) = (
          [[Double]](repeating: Array(repeating: 0, count: units), count: cell.gates),
          [[Double]](repeating: Array(repeating: 0, count: units), count: cell.gates)
        )
        var (toH, toC) = ([Double](repeating: 0, count: units), dc)
        func slot(_ index: Int, _ unit: Int) -> Double {
          places.slots.map { inputs[$0][[t, index, n, unit]] } ?? 0
        }
        func p(_ index: Int, _ unit: Int) -> Double { given(places.peepholes, [index, unit]) }
        func back(_ gate: Int, _ gradient: [Double], _ unit: Int) -> Double {
          (0..<units).reduce(0) { $0 + gradient[$1] * u[[gate * units + $1, unit]] }
        }
        for unit in 0..<units {
          dh[unit] += given(places.upstream[0], [t, n, unit])
          before[[t, n, unit]] = h[unit]
        }
        switch cell {
        case .simple(let rectifies):
          for unit in 0..<units {
            let value = y[[t, n, unit]]
            d[0][unit] = dh[unit] * (rectifies ? (value > 0 ? 1 : 0) : 1 - value * value)
          }
        case .lstm(_, let coupled):
          let last = cell.gates - 1
          for unit in 0..<units {
            let (i, o, g) = (slot(0, unit), slot(last, unit), slot(last - 1, unit))
            let f = coupled ? 1 - i : slot(1, unit)
            let squashed = tanh(given(places.states, [t, n, unit]))
            d[last][unit] = dh[unit] * squashed * o * (1 - o)
            let atC =
              dc[unit] + dh[unit] * o * (1 - squashed * squashed)
              + d[last][unit] * p(coupled ? 1 : 2, unit)
            d[0][unit] = atC * (coupled ? g - c[unit] : g) * i * (1 - i)
            d[last - 1][unit] = atC * i * (1 - g * g)
            toC[unit] = atC * f + d[0][unit] * p(0, unit)
            if !coupled {
              d[1][unit] = atC * c[unit] * f * (1 - f)
              toC[unit] += d[1][unit] * p(1, unit)
              if cell.peepholes > 0 { peepholes[[1, unit]] += d[1][unit] * c[unit] }
            }
            if cell.peepholes > 0 {
              peepholes[[0, unit]] += d[0][unit] * c[unit]
              peepholes[[cell.peepholes - 1, unit]] +=
                d[last][unit] * given(places.states, [t, n, unit])
            }
          }
        case .gru(let resetAfter):
          for unit in 0..<units {
            let (z, candidate) = (slot(0, unit), slot(2, unit))
            d[2][unit] = dh[unit] * (1 - z) * (1 - candidate * candidate)
            d[0][unit] = dh[unit] * (h[unit] - candidate) * z * (1 - z)
            toH[unit] = dh[unit] * z
          }
          for unit in 0..<units {
            let reset = slot(1, unit)
            let atReset = resetAfter ? d[2][unit] * slot(3, unit) : back(2, d[2], unit) * h[unit]
            d[1][unit] = atReset * reset * (1 - reset)
            if !resetAfter { toH[unit] += back(2, d[2], unit) * reset }
          }
        }
        r = d
        if resetsAfter { for unit in 0..<units { r[2][unit] = d[2][unit] * slot(1, unit) } }
        for unit in 0..<units {
          for gate in 0..<cell.gates {
            gates[[t, n, gate * units + unit]] = d[gate][unit]
            recurrentGates[[t, n, gate * units + unit]] = r[gate][unit]
            if cell == .gru(resetAfter: false) && gate == 2 { continue }
            toH[unit] += back(gate, r[gate], unit)
          }
        }
        (dh, dc) = (toH, toC)
      }
      for unit in 0..<units { (firstH[[n, unit]], firstC[[n, unit]]) = (dh[unit], dc[unit]) }
    }
    var results = [gates, before]
    if resetsAfter { results.append(recurrentGates) }
    if cell.peepholes > 0 { results.append(peepholes) }
    if recurrence.hasInitialState { results += cell.hasState ? [firstH, firstC] : [firstH] }
    return results
  }

  private var resetsAfter: Bool { recurrence.cell.hasRecurrentBias }
}
