import Graphs

extension Program {
  /// Batch normalization whose result goes through ReLU alone does both in one pass, and its
  /// gradient both ways back; where y was positive is kept as bits.
  mutating func fuseNormalizationAndReLU() {
    let (readers, writers, kept) = (readers(), writers(), kept)
    var dropped: Set<Int> = []
    for index in instructions.indices {
      guard let normalization = instructions[index].operation as? BatchNormalization,
        let relu = onlyReader(of: instructions[index].outputs[0], readers, kept),
        (instructions[relu].operation as? Unary)?.kind == .relu
      else { continue }
      let (x, mean) = (instructions[index].inputs[0], instructions[index].outputs[1])
      let back = (readers[mean] ?? []).filter {
        instructions[$0].operation is BatchNormalizationGradient && instructions[$0].inputs[0] == x
      }
      // Each way back must pass through the same ReLU.
      let steps = back.map { gradient -> (gradient: Int, mask: Int)? in
        let upstream = instructions[gradient].inputs[4]
        guard let mask = writers[upstream],
          (instructions[mask].operation as? ActivationGradient)?.kind == .relu,
          instructions[mask].inputs[1] == instructions[relu].outputs[0],
          onlyReader(of: upstream, readers, kept) == gradient
        else { return nil }
        return (gradient, mask)
      }
      guard steps.allSatisfy({ $0 != nil }) else { continue }
      instructions[index].operation = FusedBatchNormalization(
        epsilon: normalization.epsilon, relu: true)
      instructions[index].outputs[0] = instructions[relu].outputs[0]
      dropped.insert(relu)
      for case .some((let gradient, let mask)) in steps {
        instructions[gradient].operation = FusedBatchNormalizationGradient(
          epsilon: normalization.epsilon, relu: true)
        instructions[gradient].inputs[4] = instructions[mask].inputs[0]
        dropped.insert(mask)
      }
    }
    remove(dropped)
  }
}
