import Graphs

extension Program {
  /// The gradient of a bias, Σ dy over batch and positions, falls out of the pass over dy that makes
  /// the gradient of the weights.
  mutating func fuseBiasGradients() {
    var sums: [ValueID: Int] = [:]
    for (index, instruction) in instructions.enumerated() {
      guard let reduce = instruction.operation as? Reduce, reduce.kind == .sum,
        reduce.axes == [0, 2, 3], !reduce.keepsAxes
      else { continue }
      sums[instruction.inputs[0]] = index
    }
    guard !sums.isEmpty else { return }
    let writers = writers()
    var dropped: Set<Int> = []
    for index in instructions.indices {
      guard let gradient = instructions[index].operation as? ConvolutionWeightGradient,
        let sum = sums[instructions[index].inputs[1]], !dropped.contains(sum),
        shape(instructions[index].inputs[1])[1] == gradient.weightShape[0]
      else { continue }
      let place = min(index, sum)
      // The sum may stand where x is not computed yet: that of a value which is no gradient.
      guard writers[instructions[index].inputs[0]] ?? -1 < place else { continue }
      instructions[place] = Instruction(
        operation: FusedWeightGradient(gradient: gradient, hasBias: true),
        inputs: instructions[index].inputs,
        outputs: instructions[index].outputs + instructions[sum].outputs,
        label: instructions[index].label, stream: instructions[index].stream)
      dropped.insert(max(index, sum))
      sums[instructions[place].inputs[1]] = nil
    }
    remove(dropped)
  }
}
