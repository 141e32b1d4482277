import Graphs
import LoopInterface
import Tensors

extension Scatter: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let shape = lowering.shape(instruction.inputs[0])
    let (rows, count) = (shape[0], lowering.shape(instruction.inputs[1])[0])
    let inner = shape.count / rows
    let inputs = try instruction.inputs.map { (value) throws(EngineError) in
      try lowering.plain(value)
    }
    let output = try lowering.define(instruction.outputs[0], .plain)
    let (loops, kind) = (lowering.loops, kind)
    lowering.emit(name, reads: inputs, writes: [output]) { addresses in
      let (x, index) = (addresses.floats(inputs[0]), addresses.floats(inputs[1]))
      let (updates, y) = (addresses.floats(inputs[2]), addresses.floats(output))
      return LoopStep {
        y.update(from: x, count: rows * inner)
        for i in 0..<count {
          // Only whole numbers within the axis are followed.
          guard let row = Int(exactly: index[i]), (0..<rows).contains(row) else { continue }
          let (target, source) = (y + row * inner, updates + i * inner)
          switch kind {
          case .replace: target.update(from: source, count: inner)
          case .add: loops.tile(.add, target, target, source, source, inner, 0, 0)
          case .multiply: loops.tile(.multiply, target, target, source, source, inner, 0, 0)
          case .maximum: loops.tile(.maximum, target, target, source, source, inner, 0, 0)
          case .minimum: loops.tile(.minimum, target, target, source, source, inner, 0, 0)
          }
        }
      }
    }
  }
}
