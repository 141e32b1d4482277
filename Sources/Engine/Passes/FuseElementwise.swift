import Graphs
import LoopInterface
import Tensors

extension Program {
  /// Joins element-wise operations over one shape that feed each other alone into chains.
  mutating func fuseElementwise() {
    for index in instructions.indices {
      guard let operation = instructions[index].operation as? any ElementwiseOperation else {
        continue
      }
      var chain = operation.chain(
        inputs: instructions[index].inputs.map { shape($0) },
        output: shape(instructions[index].outputs[0]))
      instructions[index].inputs = substituteNumbers(&chain, instructions[index].inputs)
      instructions[index].operation = chain
    }
    // Parameters are overwritten from the first update on: no earlier work may move behind it.
    let barrier =
      instructions.firstIndex { $0.operation is OptimizerUpdate } ?? instructions.count
    let (readers, writers, kept) = (readers(), writers(), kept)
    var dropped: Set<Int> = []
    for index in instructions.indices {
      guard var chain = instructions[index].operation as? Chain else { continue }
      var inputs = instructions[index].inputs
      var position = 0
      while position < inputs.count {
        let value = inputs[position]
        guard let writer = writers[value], !dropped.contains(writer),
          let earlier = instructions[writer].operation as? Chain,
          earlier.shape == chain.shape,
          inputs.indices.allSatisfy({ inputs[$0] != value || chain.views[$0] == chain.shape }),
          onlyReader(of: value, readers, kept) == index,
          (writer < barrier) == (index < barrier),
          chain.links.count + earlier.links.count <= Chain.longest,
          inputs.count + instructions[writer].inputs.count <= Chain.maxInputs
        else {
          position += 1
          continue
        }
        inputs = chain.absorb(earlier, instructions[writer].inputs, making: value, of: inputs)
        dropped.insert(writer)
      }
      instructions[index].operation = chain
      instructions[index].inputs = inputs
    }
    remove(dropped)
  }

  /// Puts constants of one element into the chain itself.
  private func substituteNumbers(_ chain: inout Chain, _ inputs: [ValueID]) -> [ValueID] {
    var kept: [ValueID] = []
    var views: [Shape] = []
    var operands: [Chain.Operand] = []
    for (value, view) in zip(inputs, chain.views) {
      if let number = scalarConstant(value) {
        operands.append(.number(number))
      } else {
        operands.append(.input(kept.count))
        kept.append(value)
        views.append(view)
      }
    }
    chain.views = views
    chain.rewrite { if case .input(let index) = $0 { operands[index] } else { $0 } }
    return kept
  }
}

extension Chain {
  /// Registers of all links and inputs should stay within the second-level cache.
  static let longest = 24
  static let maxInputs = 10

  fileprivate mutating func rewrite(_ change: (Operand) -> Operand) {
    for index in links.indices { links[index].operands = links[index].operands.map(change) }
  }

  /// Takes over the links of the chain that makes a value, wherever that is an input.
  ///
  /// - Returns: the inputs of both, each once.
  fileprivate mutating func absorb(
    _ earlier: Chain, _ earlierInputs: [ValueID], making value: ValueID, of inputs: [ValueID]
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
    let count = earlier.links.count
    // The earlier result may be a mere copy of an input or number (a broadcast).
    var first = earlier
    let own = earlierInputs.indices.map { place(earlierInputs[$0], earlier.views[$0]) }
    first.rewrite { if case .input(let index) = $0 { .input(own[index]) } else { $0 } }
    let places = inputs.indices.map { inputs[$0] == value ? nil : place(inputs[$0], views[$0]) }
    var result = Operand.link(count - 1)
    if first.links[count - 1].operation == .copy { result = first.links[count - 1].operands[0] }
    rewrite { operand in
      switch operand {
      case .input(let index): places[index].map(Operand.input) ?? result
      case .link(let index): .link(index + count)
      case .number: operand
      }
    }
    links = first.links + links
    results = results.map { $0 + count }
    views = joinedViews
    removeUnusedLinks()
    return joined
  }

  private mutating func removeUnusedLinks() {
    var used = Set(results)
    for index in links.indices.reversed() where used.contains(index) {
      for case .link(let operand) in links[index].operands { used.insert(operand) }
    }
    guard used.count < links.count else { return }
    var renamed: [Int: Int] = [:]
    var remaining: [Link] = []
    for index in links.indices where used.contains(index) {
      renamed[index] = remaining.count
      remaining.append(links[index])
    }
    links = remaining
    rewrite { if case .link(let index) = $0 { .link(renamed[index] ?? index) } else { $0 } }
    results = results.map { renamed[$0] ?? $0 }
  }
}
