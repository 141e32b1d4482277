import Graphs

extension Program {
  /// Changes the program into one that computes the same faster.
  mutating func optimize(_ options: PlanOptions) {
    gatherUpdates()
    guard options.optimizes else { return }
    foldBatchNormalization()
    // bfloat16 leaves pooling to oneDNN.
    if options.precision == .float32 { fuseReLUAndMaxPool() }
    fuseConvolutions()
    fuseBiasGradients()
    fuseNormalizationAndReLU()
    fuseElementwise()
    groupUpdates()
  }

  /// Puts optimizer updates, and what depends on them, last, so that they may overwrite the
  /// parameters that all others read.
  private mutating func gatherUpdates() {
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

  /// Makes one sweep of all updates by the same rule with the same rate.
  private mutating func groupUpdates() {
    struct Key: Hashable {
      let rule: OptimizerRule
      let shared: [ValueID]
    }
    var groups: [Key: [Instruction]] = [:]
    var last: [Key: Int] = [:]
    for (index, instruction) in instructions.enumerated() {
      guard let update = instruction.operation as? OptimizerUpdate else { continue }
      let key = Key(
        rule: update.rule,
        shared: Array(instruction.inputs[2..<(update.rule.countsSteps ? 4 : 3)]))
      groups[key, default: []].append(instruction)
      last[key] = index
    }
    // Only where nothing but updates lies between the first and the last of a group.
    guard let first = instructions.firstIndex(where: { $0.operation is OptimizerUpdate }),
      let end = last.values.max(),
      instructions[first...end].allSatisfy({ $0.operation is OptimizerUpdate })
    else { return }
    let grouped = groups.sorted { (last[$0.key] ?? 0) < (last[$1.key] ?? 0) }.map { key, members in
      Instruction(
        operation: UpdateGroup(rule: key.rule, members: members),
        inputs: members.flatMap(\.inputs), outputs: members.flatMap(\.outputs), label: nil,
        stream: members[0].stream)
    }
    instructions.replaceSubrange(first...end, with: grouped)
  }

  /// The only instruction that reads a value nobody else needs, or nil.
  func onlyReader(of value: ValueID, _ readers: [ValueID: [Int]], _ kept: Set<ValueID>) -> Int? {
    guard !kept.contains(value), let all = readers[value], all.count == 1 else { return nil }
    return all[0]
  }

  /// Drops the instructions at the given places.
  mutating func remove(_ dropped: Set<Int>) {
    instructions = instructions.indices.filter { !dropped.contains($0) }.map { instructions[$0] }
  }
}
