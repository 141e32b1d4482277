import Graphs
import Tensors

extension TopPlaces: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let rows = Rows(lowering.shape(instruction.inputs[0]), axis: axis)
    let input = try lowering.plain(instruction.inputs[0])
    let output = try lowering.define(instruction.outputs[0], .plain)
    let (taken, takesLargest) = (count, takesLargest)
    lowering.emit(name, reads: [input], writes: [output]) { addresses in
      let (x, y) = (addresses.floats(input), addresses.floats(output))
      return LoopStep {
        // All addresses lie within outer · count · inner and outer · taken · inner floats.
        for outer in 0..<rows.outer {
          for inner in 0..<rows.inner {
            let row = x + outer * rows.count * rows.inner + inner
            let places = (0..<rows.count).sorted { first, second in
              let (a, b) = (row[first * rows.inner], row[second * rows.inner])
              if a == b || a.isNaN && b.isNaN { return first < second }
              let isLarger = a.isNaN || a > b
              return isLarger == takesLargest
            }
            let target = y + outer * taken * rows.inner + inner
            for place in 0..<taken { target[place * rows.inner] = Float(places[place]) }
          }
        }
      }
    }
  }
}
