import Graphs
import Tensors

extension CumulativeSum: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let rows = Rows(lowering.shape(instruction.inputs[0]), axis: axis)
    let input = try lowering.plain(instruction.inputs[0])
    let output = try lowering.define(instruction.outputs[0], .plain)
    let (isExclusive, isReversed) = (isExclusive, isReversed)
    lowering.emit(name, reads: [input], writes: [output]) { addresses in
      let (x, y) = (addresses.floats(input), addresses.floats(output))
      return LoopStep {
        rows.forEach(x, y, part: 0, parts: 1) { row, result in
          var sum: Float = 0
          for step in 0..<rows.count {
            let place = isReversed ? rows.count - 1 - step : step
            let value = row[place]
            result[place] = isExclusive ? sum : sum + value
            sum += value
          }
        }
      }
    }
  }
}
