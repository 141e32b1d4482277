import Graphs

extension Program {
  /// A max pool that alone reads what ReLU wrote takes the larger of its window and 0 instead, and so
  /// knows on the way back which gradients ReLU lets through: neither touches the large image.
  mutating func fuseReLUAndMaxPool() {
    let (readers, writers, kept) = (readers(), writers(), kept)
    var dropped: Set<Int> = []
    for index in instructions.indices {
      guard let pool = instructions[index].operation as? MaxPool,
        RectifiedMaxPool.isPossible(for: pool)
      else { continue }
      let rectified = instructions[index].inputs[0]
      guard let relu = writers[rectified], !kept.contains(rectified),
        (instructions[relu].operation as? Unary)?.kind == .relu
      else { continue }
      // Each way back must pass through the pool and the same ReLU.
      var steps: [(gradient: Int, mask: Int)] = []
      var isMasked: Set<Int> = []
      for reader in readers[rectified] ?? [] where reader != index {
        let instruction = instructions[reader]
        if (instruction.operation as? MaxPoolGradient)?.pool == pool,
          let mask = onlyReader(of: instruction.outputs[0], readers, kept),
          (instructions[mask].operation as? ActivationGradient)?.kind == .relu,
          instructions[mask].inputs == [instruction.outputs[0], rectified]
        {
          steps.append((reader, mask))
        } else {
          isMasked.insert(reader)
        }
      }
      guard isMasked == Set(steps.map(\.mask)) else { continue }
      let x = instructions[relu].inputs[0]
      instructions[index].operation = RectifiedMaxPool(pool: pool)
      instructions[index].inputs = [x]
      dropped.insert(relu)
      for (gradient, mask) in steps {
        // The mask's value is needed where the mask stood.
        instructions[gradient].operation = RectifiedMaxPoolGradient(pool: pool)
        instructions[gradient].inputs[0] = x
        instructions[gradient].outputs = instructions[mask].outputs
        dropped.insert(mask)
      }
    }
    remove(dropped)
  }
}
