import Engine
import Graphs
import Loops
import Tensors
import TestSupport
import Testing

/// Plans of cells with memory against the interpreter.
@Suite struct RecurrenceTests {
  static let cells: [RecurrentCell] = [
    .simple(), .simple(rectifies: true), .lstm(), .lstm(peepholes: true), .lstm(coupled: true),
    .lstm(peepholes: true, coupled: true), .gru(), .gru(resetAfter: true),
  ]

  /// Units and examples that fill registers, and that do not.
  @Test(arguments: cells, [(1, 1, 1), (5, 3, 17), (12, 4, 32), (9, 20, 40)])
  func forwardsAndBack(_ cell: RecurrentCell, size: (batch: Int, features: Int, units: Int)) throws
  {
    for isReversed in [false, true] {
      for (hasLengths, hasState) in [(false, false), (true, true)] {
        let operation = Recurrence(
          cell, isReversed: isReversed, hasLengths: hasLengths, hasInitialState: hasState)
        var comparison = Comparison()
        var random = RandomSource(seed: 9)
        let inputs = operation.exampleInputs(
          steps: 6, batch: size.batch, features: size.features, units: size.units, &random)
        let nodes = try inputs.map { try comparison.input($0) }
        let outputs = try comparison.graph.apply(operation, nodes)
        let used = outputs[..<(cell.hasState ? 3 : 2)]
        var loss = try outputs[0].map(.square).sum()
        for last in used.dropFirst() { loss = try loss + last.map(.square).sum() }
        let differentiable = nodes.indices.filter { $0 != operation.places.lengths }
        let gradients = try comparison.graph.gradients(
          of: loss, withRespectTo: differentiable.map { nodes[$0] })
        try comparison.expect(Array(used), tolerance: 2e-5, threads: [1, 2])
        try comparison.expect(Array(used) + gradients, tolerance: 5e-5, threads: [1, 2])
      }
    }
  }

  @Test(arguments: cells)
  func clippedGates(_ cell: RecurrentCell) throws {
    let operation = Recurrence(cell, clip: 0.3)
    var comparison = Comparison()
    var random = RandomSource(seed: 4)
    let inputs = operation.exampleInputs(steps: 5, batch: 3, features: 4, units: 6, &random)
    let nodes = try inputs.map { try comparison.input($0) }
    try comparison.expect([comparison.graph.apply(operation, nodes)[0]])
  }

  /// An example's numbers are the same to the bit alone and among others, and with steps behind its end.
  @Test(arguments: cells)
  func sameBitsInAnyBatchAndPadding(_ cell: RecurrentCell) throws {
    let (features, units) = (5, 37)
    var random = RandomSource(seed: 8)
    let batch = 11
    let operation = Recurrence(cell, hasLengths: true)
    var inputs = operation.exampleInputs(
      steps: 9, batch: batch, features: features, units: units, &random)
    let lengthsPlace = try #require(operation.places.lengths)
    inputs[lengthsPlace] = ReferenceTensor([batch], (0..<batch).map { Double(9 - $0 % 4) })
    func last(_ inputs: [ReferenceTensor], threads: Int) throws -> [Float] {
      let graph = Graph()
      let nodes = try inputs.enumerated().map { try graph.input("x\($0.offset)", $0.element.shape) }
      let output = try graph.apply(operation, nodes)[1]
      let plan = try Plan(
        graph, outputs: [output], variables: VariableStore(), options: PlanOptions(threads: threads)
      )
      for (node, value) in zip(nodes, inputs) { try plan.setInput(node, value.tensor) }
      plan.poison()
      try plan.run()
      return try plan.output(output).scalars
    }
    let together = try last(inputs, threads: 2)
    for example in 0..<batch {
      var alone = inputs
      let steps = 9 - example % 4
      var x = ReferenceTensor([steps, 1, features])
      for t in 0..<steps { for f in 0..<features { x[[t, 0, f]] = inputs[0][[t, example, f]] } }
      alone[0] = x
      alone[lengthsPlace] = ReferenceTensor([1], [Double(steps)])
      #expect(
        try last(alone, threads: 1) == Array(together[(example * units)..<((example + 1) * units)]),
        "example \(example)")
    }
  }

  /// Nothing is read that was not written.
  @Test(arguments: cells)
  func unwrittenMemory(_ cell: RecurrentCell) throws {
    let operation = Recurrence(cell, isReversed: true, hasLengths: true, hasInitialState: true)
    var random = RandomSource(seed: 2)
    let inputs = operation.exampleInputs(steps: 4, batch: 6, features: 3, units: 9, &random)
    let graph = Graph()
    let nodes = try inputs.enumerated().map { try graph.input("x\($0.offset)", $0.element.shape) }
    let outputs = try graph.apply(operation, nodes)
    let loss = try outputs[0].map(.square).sum() + outputs[1].sum()
    let gradients = try graph.gradients(
      of: loss,
      withRespectTo: nodes.indices.filter { $0 != operation.places.lengths }.map { nodes[$0] })
    let plan = try Plan(graph, outputs: [outputs[0]] + gradients, variables: VariableStore())
    for (node, value) in zip(nodes, inputs) { try plan.setInput(node, value.tensor) }
    plan.poison()
    try plan.run()
    let interpreter = Interpreter(graph)
    let expected = interpreter.run(
      [outputs[0]] + gradients, inputs: Dictionary(uniqueKeysWithValues: zip(nodes, inputs)))
    for (node, reference) in zip([outputs[0]] + gradients, expected) {
      #expect(try relativeError(plan.output(node), reference) < 5e-5)
    }
  }
}
