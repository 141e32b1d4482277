import Graphs
import Tensors
import TestSupport
import Testing

/// Cells with memory: numbers worked by hand, and gradients against finite differences.
@Suite struct RecurrenceTests {
  static let cells: [RecurrentCell] = [
    .simple(), .simple(rectifies: true), .lstm(), .lstm(peepholes: true), .lstm(coupled: true),
    .lstm(peepholes: true, coupled: true), .gru(), .gru(resetAfter: true),
  ]

  /// One step of one unit: x 1, h₋ 0.5, c₋ 0.25.
  @Test(arguments: [
    (RecurrentCell.lstm(), 0.325631, 0.505216),
    (.lstm(coupled: true), 0.295352, 0.451169),
    (.lstm(peepholes: true), 0.343918, 0.511691),
    (.lstm(peepholes: true, coupled: true), 0.308355, 0.453231),
    (.gru(), 0.500060, 0),
    (.gru(resetAfter: true), 0.507693, 0),
  ])
  func stepByHand(_ cell: RecurrentCell, h: Double, c: Double) throws {
    let graph = Graph()
    // Of the four the coupled cell has no second; the GRU's three are the first.
    let isCoupled = if case .lstm(_, true) = cell { true } else { false }
    func parts(_ numbers: [Float]) -> [Float] {
      isCoupled ? [numbers[0], numbers[2], numbers[3]] : Array(numbers.prefix(cell.gates))
    }
    func constant(_ shape: Shape, _ values: [Float]) -> Node {
      graph.constant(Tensor(shape, values))
    }
    let gates = cell.gates
    var inputs = [
      constant([1, 1, 1], [1]), constant([gates, 1], parts([0.1, 0.2, 0.3, 0.4])),
      constant([gates, 1], parts([0.5, 0.6, 0.7, 0.8])),
      constant([gates], parts([0.01, 0.02, 0.03, 0.04])),
    ]
    if cell.hasRecurrentBias { inputs.append(constant([3], [0, 0, 0.04])) }
    if cell.peepholes > 0 {
      inputs.append(constant([cell.peepholes, 1], isCoupled ? [0.1, 0.3] : [0.1, 0.2, 0.3]))
    }
    inputs.append(constant([1, 1], [0.5]))
    if cell.hasState { inputs.append(constant([1, 1], [0.25])) }
    let outputs = try graph.apply(Recurrence(cell, hasInitialState: true), inputs)
    let values = Interpreter(graph).run(Array(outputs[..<(cell.hasState ? 3 : 2)]))
    #expect(abs(values[0].values[0] - h) < 1e-6)
    #expect(abs(values[1].values[0] - h) < 1e-6)
    if cell.hasState { #expect(abs(values[2].values[0] - c) < 1e-6) }
  }

  /// Gradients of all inputs, through all outputs, in both directions, with lengths (none too) and states.
  @Test(arguments: cells, [false, true])
  func gradients(_ cell: RecurrentCell, isReversed: Bool) throws {
    for (hasLengths, hasState) in [(false, false), (true, false), (false, true), (true, true)] {
      let operation = Recurrence(
        cell, isReversed: isReversed, hasLengths: hasLengths, hasInitialState: hasState)
      var random = RandomSource(seed: 3)
      let inputs = operation.exampleInputs(steps: 4, batch: 3, features: 2, units: 3, &random)
      let differentiable = inputs.indices.filter { $0 != operation.places.lengths }
      let check = try GradientCheck(inputs, differentiable: Array(differentiable)) {
        (x) throws(GraphError) in
        let outputs = try x[0].graph.apply(operation, x)
        var sum = try outputs[0].map(.square).sum() + outputs[1].map(.exp).sum()
        if cell.hasState { sum = try sum + outputs[2].map(.sin).sum() }
        return sum
      }
      #expect(check.comparisons > 30)
      #expect(check.largestError < 1e-7, "\(operation)")
    }
  }

  /// Steps past a length change nothing, and come out as zero.
  @Test(arguments: [false, true])
  func lengthsEndASequence(isReversed: Bool) throws {
    var random = RandomSource(seed: 5)
    let operation = Recurrence(.lstm(), isReversed: isReversed, hasLengths: true)
    var inputs = operation.exampleInputs(steps: 5, batch: 2, features: 2, units: 3, &random)
    inputs[4] = ReferenceTensor([2], [0, 2])
    let whole = operation.evaluateForTest(inputs)
    #expect(whole[1].values[..<3].allSatisfy { $0 == 0 })
    for step in 2..<5 { for unit in 0..<3 { #expect(whole[0][[step, 1, unit]] == 0) } }
    // The second example alone, cut.
    var cut = inputs
    cut[0] = ReferenceTensor([2, 1, 2])
    for step in 0..<2 { for f in 0..<2 { cut[0][[step, 0, f]] = inputs[0][[step, 1, f]] } }
    cut.remove(at: 4)
    let alone = Recurrence(.lstm(), isReversed: isReversed).evaluateForTest(cut)
    for unit in 0..<3 { #expect(alone[1][[0, unit]] == whole[1][[1, unit]]) }
  }

  @Test func badShapesAreRefused() throws {
    let graph = Graph()
    let x = try graph.input("x", [4, 2, 3])
    let u = try graph.input("u", [8, 2])
    let b = try graph.input("b", [8])
    let w = try graph.input("w", [8, 5])
    let error = #expect(throws: GraphError.self) {
      _ = try graph.apply(Recurrence(.lstm()), [x, w, u, b])
    }
    #expect(error?.message == "expected weights of shape 8×3, received 8×5")
    let few = #expect(throws: GraphError.self) {
      _ = try graph.apply(Recurrence(.gru(resetAfter: true)), [x, w, u, b])
    }
    #expect(few?.message == "expected 5 inputs, received 4")
  }
}

extension Recurrence {
  fileprivate func evaluateForTest(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let graph = Graph()
    do {
      let nodes = try inputs.enumerated().map { try graph.input("x\($0.offset)", $0.element.shape) }
      let outputs = try graph.apply(self, nodes)
      return Interpreter(graph).run(
        outputs, inputs: Dictionary(uniqueKeysWithValues: zip(nodes, inputs)))
    } catch {
      Issue.record("\(error)")
      return []
    }
  }
}
