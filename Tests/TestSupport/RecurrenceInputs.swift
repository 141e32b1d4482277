import Graphs
import Tensors

extension Recurrence {
  /// Random inputs; the lengths are 0, 1, … and, of the last examples, whole.
  public func exampleInputs(
    steps: Int, batch: Int, features: Int, units: Int, _ random: inout RandomSource
  ) -> [ReferenceTensor] {
    let parts = cell.gates * units
    var shapes: [Shape] = [
      [steps, batch, features], [parts, features], [parts, units], [parts],
    ]
    if cell.hasRecurrentBias { shapes.append([parts]) }
    if cell.peepholes > 0 { shapes.append([cell.peepholes, units]) }
    var inputs = shapes.map { ReferenceTensor.random($0, &random) }
    if hasLengths {
      inputs.append(
        ReferenceTensor(
          [batch], (0..<batch).map { Double($0 < batch / 2 ? $0 % (steps + 1) : steps - $0 % 2) }))
    }
    if hasInitialState {
      let state: Shape = [batch, units]
      inputs.append(.random(state, &random))
      if cell.hasState { inputs.append(.random(state, &random)) }
    }
    return inputs
  }
}
