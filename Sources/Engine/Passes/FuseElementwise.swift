import Graphs
import LoopInterface
import Tensors

extension Program {
  /// Joins element-wise operations over one shape that feed each other alone.
  mutating func fuseElementwise() {
    for index in instructions.indices {
      guard let operation = instructions[index].operation as? any ElementwiseOperation else {
        continue
      }
      var fused = operation.fused(
        inputs: instructions[index].inputs.map { shape($0) },
        output: shape(instructions[index].outputs[0]))
      instructions[index].inputs = substituteNumbers(&fused, instructions[index].inputs)
      instructions[index].operation = fused
    }
    // Parameters are overwritten from the first update on: no earlier work may move behind it.
    let barrier =
      instructions.firstIndex { $0.operation is OptimizerUpdate } ?? instructions.count
    let (readers, writers, kept) = (readers(), writers(), kept)
    var dropped: Set<Int> = []
    for index in instructions.indices {
      guard var fused = instructions[index].operation as? FusedElementwise else { continue }
      var inputs = instructions[index].inputs
      var position = 0
      while position < inputs.count {
        let value = inputs[position]
        guard let writer = writers[value], !dropped.contains(writer),
          let earlier = instructions[writer].operation as? FusedElementwise,
          earlier.shape == fused.shape,
          inputs.indices.allSatisfy({ inputs[$0] != value || fused.views[$0] == fused.shape }),
          onlyReader(of: value, readers, kept) == index,
          (writer < barrier) == (index < barrier),
          fused.steps.count + earlier.steps.count <= FusedElementwise.longest,
          inputs.count + instructions[writer].inputs.count <= FusedElementwise.maxInputs
        else {
          position += 1
          continue
        }
        inputs = fused.absorb(earlier, instructions[writer].inputs, making: value, of: inputs)
        dropped.insert(writer)
      }
      instructions[index].operation = fused
      instructions[index].inputs = inputs
    }
    remove(dropped)
  }

  /// Puts constants of one element into the operations themselves.
  private func substituteNumbers(_ fused: inout FusedElementwise, _ inputs: [ValueID]) -> [ValueID]
  {
    var kept: [ValueID] = []
    var views: [Shape] = []
    var operands: [FusedElementwise.Operand] = []
    for (value, view) in zip(inputs, fused.views) {
      if let number = scalarConstant(value) {
        operands.append(.number(number))
      } else {
        operands.append(.input(kept.count))
        kept.append(value)
        views.append(view)
      }
    }
    fused.views = views
    fused.rewrite { if case .input(let index) = $0 { operands[index] } else { $0 } }
    return kept
  }
}

extension FusedElementwise {
  /// Registers of all steps and inputs should stay within the second-level cache.
  static let longest = 24
  static let maxInputs = 10

  fileprivate mutating func rewrite(_ change: (Operand) -> Operand) {
    for index in steps.indices { steps[index].operands = steps[index].operands.map(change) }
  }

  /// Takes over the steps of those that make a value, wherever that is an input.
  ///
  /// - Returns: the inputs of both, each once.
  fileprivate mutating func absorb(
    _ earlier: FusedElementwise, _ earlierInputs: [ValueID], making value: ValueID,
    of inputs: [ValueID]
  ) -> [ValueID] {
    var joined: [ValueID] = []
    var joinedViews: [Shape] = []
    func place(_ value: ValueID, _ view: Shape) -> Int {
      for index in joined.indices where joined[index] == value && joinedViews[index] == view {
        return index
      }
      joined.append(value)
      joinedViews.append(view)
      return joined.count - 1
    }
    let count = earlier.steps.count
    // The earlier result may be a mere copy of an input or number (a broadcast).
    var first = earlier
    let own = earlierInputs.indices.map { place(earlierInputs[$0], earlier.views[$0]) }
    first.rewrite { if case .input(let index) = $0 { .input(own[index]) } else { $0 } }
    let places = inputs.indices.map { inputs[$0] == value ? nil : place(inputs[$0], views[$0]) }
    var result = Operand.step(count - 1)
    if first.steps[count - 1].operation == .copy { result = first.steps[count - 1].operands[0] }
    rewrite { operand in
      switch operand {
      case .input(let index): places[index].map(Operand.input) ?? result
      case .step(let index): .step(index + count)
      case .number: operand
      }
    }
    steps = first.steps + steps
    results = results.map { $0 + count }
    views = joinedViews
    removeUnusedSteps()
    return joined
  }

  private mutating func removeUnusedSteps() {
    var used = Set(results)
    for index in steps.indices.reversed() where used.contains(index) {
      for case .step(let operand) in steps[index].operands { used.insert(operand) }
    }
    guard used.count < steps.count else { return }
    var renamed: [Int: Int] = [:]
    var remaining: [Step] = []
    for index in steps.indices where used.contains(index) {
      renamed[index] = remaining.count
      remaining.append(steps[index])
    }
    steps = remaining
    rewrite { if case .step(let index) = $0 { .step(renamed[index] ?? index) } else { $0 } }
    results = results.map { renamed[$0] ?? $0 }
  }
}
