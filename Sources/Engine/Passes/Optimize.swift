import Graphs

extension Program {
  /// Changes the program into one that computes the same faster.
  mutating func optimize(_ options: PlanOptions) throws(EngineError) {
    gatherUpdates()
    guard options.optimizes else { return }
  }

  /// Puts optimiser updates, and what depends on them, last, so that they may overwrite the
  /// parameters that all others read.
  mutating func gatherUpdates() {
    var late: Set<ValueID> = []
    var isLate = [Bool](repeating: false, count: instructions.count)
    for (index, instruction) in instructions.enumerated() {
      guard instruction.operation is OptimizerUpdate || !late.isDisjoint(with: instruction.inputs)
      else { continue }
      isLate[index] = true
      late.formUnion(instruction.outputs)
    }
    let order =
      instructions.indices.filter { !isLate[$0] } + instructions.indices.filter { isLate[$0] }
    instructions = order.map { instructions[$0] }
  }
}
