import Graphs
import Tensors

extension Gather: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let rows = Rows(lowering.shape(instruction.inputs[0]), axis: axis)
    let count = lowering.shape(instruction.inputs[1]).count
    let (table, indices) = (
      try lowering.plain(instruction.inputs[0]), try lowering.plain(instruction.inputs[1])
    )
    let output = try lowering.define(instruction.outputs[0], .plain)
    lowering.emit(name, reads: [table, indices], writes: [output]) { addresses in
      let (x, index) = (addresses.floats(table), addresses.floats(indices))
      let y = addresses.floats(output)
      return LoopStep {
        for outer in 0..<rows.outer {
          for i in 0..<count {
            let target = y + (outer * count + i) * rows.inner
            // Only whole numbers within the axis are followed.
            guard let row = Int(exactly: index[i]), (0..<rows.count).contains(row) else {
              target.update(repeating: .nan, count: rows.inner)
              continue
            }
            target.update(from: x + (outer * rows.count + row) * rows.inner, count: rows.inner)
          }
        }
      }
    }
  }
}

extension GatherGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let rows = Rows(inputShape, axis: axis)
    let count = lowering.shape(instruction.inputs[1]).count
    let (gradient, indices) = (
      try lowering.plain(instruction.inputs[0]), try lowering.plain(instruction.inputs[1])
    )
    let output = try lowering.define(instruction.outputs[0], .plain)
    let (loops, total) = (lowering.loops, inputShape.count)
    lowering.emit(name, reads: [gradient, indices], writes: [output]) { addresses in
      let (dy, index) = (addresses.floats(gradient), addresses.floats(indices))
      let dx = addresses.floats(output)
      return LoopStep {
        dx.update(repeating: 0, count: total)
        for outer in 0..<rows.outer {
          for i in 0..<count {
            guard let row = Int(exactly: index[i]), (0..<rows.count).contains(row) else { continue }
            let target = dx + (outer * rows.count + row) * rows.inner
            let source = dy + (outer * count + i) * rows.inner
            loops.tile(.add, target, target, source, source, rows.inner, 0, 0)
          }
        }
      }
    }
  }
}
