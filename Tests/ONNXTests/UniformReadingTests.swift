import Engine
import Foundation
import Graphs
import Networks
import ONNX
import Tensors
import TestSupport
import Testing

/// However a file keeps weights, functions and branches, the network is the same.
@Suite struct UniformReadingTests {
  private func run(_ file: FileBuilder, _ x: Tensor) throws -> [Float] {
    try file.model().output(of: ["x": x]).scalars
  }

  private func isClose(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-5 * abs($1) }
  }

  /// The number of what training would change.
  private func parameterCount(_ file: FileBuilder) throws -> Int {
    try file.model().network().network.build(on: Graph(), batch: 1, mode: .training)
      .parameters.reduce(0) { $0 + $1.shape.count }
  }

  // MARK: - Weights

  /// The weight [[1, 2, 3], [4, 5, 6]] of a product, kept in ways that amount to it.
  enum Keeping: CaseIterable {
    case initializer, constant, transposed, reshaped, scaled, dequantized, rounded, uniform, listed
  }

  private func file(_ keeping: Keeping) -> FileBuilder {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    var file = FileBuilder()
    file.input("x", [0, 2])
    switch keeping {
    case .initializer: file.weight("w", [2, 3], values)
    case .constant:
      file.node(
        "Constant", [], ["w"],
        [FileBuilder.tensor("value", FileBuilder.weight("", [2, 3], values))])
    case .transposed:
      file.weight("t", [3, 2], [1, 4, 2, 5, 3, 6])
      file.node("Transpose", ["t"], ["w"], [FileBuilder.integers("perm", [1, 0])])
    case .reshaped:
      file.weight("t", [6], values)
      file.integers("shape", [2, 3])
      file.node("Reshape", ["t", "shape"], ["w"])
    case .scaled:
      file.weight("t", [2, 3], values.map { 2 * $0 })
      file.weight("half", [1], [0.5])
      file.node("Mul", ["t", "half"], ["w"])
    case .dequantized:
      file.bytes("q", [2, 3], [12, 14, 16, 18, 20, 22])
      file.weight("s", [], [0.5])
      file.bytes("z", [], [10])
      file.node("DequantizeLinear", ["q", "s", "z"], ["w"])
    case .rounded:
      // To whole numbers and back.
      file.weight("t", [2, 3], values.map { $0 + 0.2 })
      file.weight("one", [], [1])
      file.bytes("z", [], [0])
      file.node("QuantizeLinear", ["t", "one", "z"], ["q"])
      file.node("DequantizeLinear", ["q", "one", "z"], ["w"])
    case .uniform, .listed:
      // Old files list their initializers among the inputs.
      if keeping == .listed { file.input("shape", [2], element: 7) }
      file.integers("shape", [2, 3])
      file.node(
        "ConstantOfShape", ["shape"], ["w"],
        [FileBuilder.tensor("value", FileBuilder.weight("", [1], [7]))])
    }
    file.node("MatMul", ["x", "w"], ["y"])
    file.output("y", [0, 3])
    return file
  }

  @Test(arguments: Keeping.allCases) func weightsAreCountedAndTrained(_ keeping: Keeping) throws {
    let file = file(keeping)
    let right: [Float] =
      [.uniform, .listed].contains(keeping) ? [7, 7, 7, 70, 70, 70] : [1, 2, 3, 40, 50, 60]
    let x = Tensor([2, 2], [1, 0, 0, 10])
    #expect(isClose(try run(file, x), right))
    #expect(try parameterCount(file) == 6)
    // The network as layers of ours, and after it was stored.
    let parts = try file.model().network()
    let json = try parts.network.json()
    let read = try Network(json: json, additionalTypes: [ONNXNetwork.self])
    for network in [parts.network, read] {
      let built = try network.build(on: Graph(), batch: 2, mode: .inference)
      let store = VariableStore()
      for (name, value) in parts.values { store.provide(value, for: name) }
      let plan = try Plan(
        built.input.graph, outputs: [built.output], variables: store,
        options: PlanOptions(threads: 1))
      try plan.setInput(built.input, x)
      try plan.run()
      #expect(isClose(try plan.output(built.output).scalars, try run(file, x)))
    }
  }

  /// (q − z) · s, column by column: 0.5 · 2, 1 · 0 …
  @Test func columnsHaveScalesOfTheirOwn() throws {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.bytes("q", [2, 3], [2, 5, -1, 4, 6, 0])
    file.weight("s", [3], [0.5, 1, 10])
    file.bytes("z", [3], [0, 3, -2])
    file.node("DequantizeLinear", ["q", "s", "z"], ["w"], [FileBuilder.integer("axis", 1)])
    file.node("MatMul", ["x", "w"], ["y"])
    file.output("y", [0, 3])
    #expect(try run(file, Tensor([2, 2], [1, 0, 0, 1])) == [1, 2, 10, 2, 3, 20])
  }

  /// A few bytes that ask for a large tensor are no large tensor before a plan wants it.
  @Test func uniformWeightsTakeNoMemory() throws {
    var file = FileBuilder()
    file.input("x", [0, 20_000])
    file.integers("shape", [20_000 * 20_000])
    file.integers("matrix", [20_000, 20_000])
    file.node("ConstantOfShape", ["shape"], ["t"])
    file.node("Reshape", ["t", "matrix"], ["w"])
    file.node("MatMul", ["x", "w"], ["y"])
    file.output("y", [0, 20_000])
    #expect(try parameterCount(file) == 400_000_000)
  }

  // MARK: - Quantized operators

  /// What onnxruntime computes for the same: x ≈ 0.5 · (q − 10), w = 0.25 · q, y = round(x · w / 2) + 3.
  @Test func quantizedProduct() throws {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.weight("xs", [], [0.5])
    file.bytes("xz", [], [10], element: 2)
    file.bytes("w", [2, 1], [4, -8])
    file.weight("ws", [], [0.25])
    file.bytes("wz", [], [0])
    file.weight("ys", [], [2])
    file.bytes("yz", [], [3])
    file.node("QuantizeLinear", ["x", "xs", "xz"], ["q"])
    file.node("QLinearMatMul", ["q", "xs", "xz", "w", "ws", "wz", "ys", "yz"], ["p"])
    file.node("DequantizeLinear", ["p", "ys", "yz"], ["y"])
    file.output("y", [0, 1])
    // 7.3 becomes 7.5 and −2 stays; 7.5 · 1 + −2 · −2 = 11.5; 11.5 / 2 rounds to 6.
    #expect(try run(file, Tensor([1, 2], [7.3, -2])) == [12])
    #expect(try parameterCount(file) == 2)
  }

  @Test func wholeNumberProduct() throws {
    var file = FileBuilder()
    file.input("x", [2, 2])
    file.node("Cast", ["x"], ["q"], [FileBuilder.integer("to", 2)])
    file.bytes("w", [2, 2], [1, 2, 3, 4])
    file.bytes("xz", [], [10], element: 2)
    file.bytes("wz", [2], [0, 1])
    file.node("MatMulInteger", ["q", "w", "xz", "wz"], ["p"])
    file.node("Cast", ["p"], ["y"], [FileBuilder.integer("to", 1)])
    file.output("y", [2, 2])
    // (x − 10) · (w − [0, 1])
    #expect(try run(file, Tensor([2, 2], [11, 10, 10, 12])) == [1, 1, 6, 6])
  }

  /// Gradients pass the roundings of a network that is trained.
  @Test func roundingIsLeftOutInTraining() throws {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.weight("w", [2, 2], [1, 2, 3, 4])
    file.weight("s", [], [0.1])
    file.bytes("z", [], [0])
    file.node("MatMul", ["x", "w"], ["m"])
    file.node("QuantizeLinear", ["m", "s", "z"], ["q"])
    file.node("DequantizeLinear", ["q", "s", "z"], ["y"])
    file.output("y", [0, 2])
    let parts = try file.model().network()
    let graph = Graph()
    let built = try parts.network.build(on: graph, batch: 1, mode: .training)
    let gradients = try graph.gradients(of: built.output.sum(), withRespectTo: built.parameters)
    let store = VariableStore()
    for (name, value) in parts.values { store.provide(value, for: name) }
    let plan = try Plan(
      graph, outputs: gradients, assignments: .none, variables: store,
      options: PlanOptions(threads: 1))
    try plan.setInput(built.input, Tensor([1, 2], [1, 2]))
    try plan.run()
    #expect(isClose(try plan.output(gradients[0]).scalars, [1, 1, 2, 2]))
  }

  // MARK: - Functions and branches

  @Test func functionsBecomeTheirNodes() throws {
    var file = FileBuilder()
    // scale · max(x, 0) + 1, with the constant in a function of its own.
    file.function(
      "PlusOne", ["a"], ["b"],
      nodes: [
        FileBuilder.node("Constant", [], ["one"], [FileBuilder.float("value_float", 1)]),
        FileBuilder.node("Add", ["a", "one"], ["b"]),
      ])
    file.function(
      "Scaled", ["a"], ["b"], attributes: ["factor"],
      nodes: [
        FileBuilder.node(
          "Constant", [], ["f"], [FileBuilder.reference("value_float", to: "factor")]),
        FileBuilder.node("Relu", ["a"], ["r"]),
        FileBuilder.node("Mul", ["r", "f"], ["m"]),
        FileBuilder.node("PlusOne", ["m"], ["b"], domain: "own"),
      ])
    file.input("x", [0, 3])
    file.node("Scaled", ["x"], ["h"], [FileBuilder.float("factor", 3)], domain: "own")
    file.node("Scaled", ["h"], ["y"], [FileBuilder.float("factor", 0.5)], domain: "own")
    file.output("y", [0, 3])
    #expect(try run(file, Tensor([1, 3], [-1, 0, 2])) == [1.5, 1.5, 4.5])
  }

  @Test func functionsThatCallThemselvesAreRefused() throws {
    var file = FileBuilder()
    file.function(
      "Loop", ["a"], ["b"],
      nodes: [
        FileBuilder.node("Loop", ["a"], ["c"], domain: "own"),
        FileBuilder.node("Loop", ["c"], ["b"], domain: "own"),
      ])
    file.input("x", [0, 1])
    file.node("Loop", ["x"], ["y"], domain: "own")
    file.output("y", [0, 1])
    #expect { try file.model() } throws: { "\($0)".contains("nested too deeply") }
  }

  /// `If` whose branches have weights of their own and read what lies outside.
  private func branching(_ condition: (inout FileBuilder) -> Void) -> FileBuilder {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.node("Relu", ["x"], ["r"])
    condition(&file)
    func branch(_ name: String, _ type: String) -> Message {
      FileBuilder.graph(
        name, nodes: [FileBuilder.node(type, ["r", "w"], ["out"])],
        weights: [FileBuilder.weight("w", [2], [10, 20])], outputs: ["out"])
    }
    file.node("If", ["c"], ["b"], [branch("then_branch", "Add"), branch("else_branch", "Mul")])
    file.node("Neg", ["b"], ["y"])
    file.output("y", [0, 2])
    return file
  }

  @Test(arguments: [true, false]) func knownConditions(_ holds: Bool) throws {
    let file = branching { $0.bytes("c", [], [holds ? 1 : 0], element: 9) }
    let right: [Float] = holds ? [-11, -20] : [-10, 0]
    #expect(try run(file, Tensor([1, 2], [1, -1])) == right)
    #expect(try parameterCount(file) == 2)
  }

  /// Known as soon as the shape is.
  @Test func conditionsOnShapes() throws {
    let file = branching { file in
      file.node("Shape", ["x"], ["shape"])
      file.integers("two", [0])
      file.node("Gather", ["shape", "two"], ["n"])
      file.integers("limit", [1])
      file.node("Greater", ["n", "limit"], ["c"])
    }
    #expect(try run(file, Tensor([1, 2], [1, -1])) == [-10, 0])
    #expect(try run(file, Tensor([2, 2], [1, -1, 2, 3])) == [-11, -20, -12, -23])
  }

  @Test func conditionsThatEachRunDecides() throws {
    let file = branching { file in
      file.node("ReduceSum", ["x"], ["s"], [FileBuilder.integer("keepdims", 0)])
      file.weight("zero", [], [0])
      file.node("Greater", ["s", "zero"], ["c"])
    }
    #expect(try run(file, Tensor([1, 2], [1, 2])) == [-11, -22])
    #expect(try run(file, Tensor([1, 2], [1, -2])) == [-10, 0])
  }

  // MARK: - Outputs and batches

  private func outputs(_ names: [String]) throws -> FileBuilder {
    var file = FileBuilder()
    file.input("x", [0, 4])
    file.weight("w", [4, 3], (0..<12).map { Float($0) / 6 - 1 })
    file.node("Relu", ["x"], ["features"])
    file.node("MatMul", ["features", "w"], ["scores"])
    file.node("Softmax", ["scores"], ["probabilities"])
    file.node("ArgMax", ["scores"], ["label"], [FileBuilder.integer("axis", 1)])
    for name in names {
      file.output(name, name == "label" ? [0, 1] : [0, 3], element: name == "label" ? 7 : 1)
    }
    return file
  }

  private func meaning(_ network: Network) throws -> ClassScores {
    try network.build(on: Graph(), batch: 1, mode: .inference).classScores()
  }

  @Test func theOutputOfAClassifierIsTaken() throws {
    let several = try outputs(["label", "features", "scores", "probabilities"]).model()
    #expect(try meaning(several.network().network).meaning == .probabilities)
    #expect(try meaning(several.network(output: "scores").network).meaning == .logits)
    #expect(try meaning(several.network(classCount: 4).network).classCount == 4)
    #expect(try meaning(outputs(["scores", "features"]).model().network().network).classCount == 3)
    #expect { try several.network(output: "other") } throws: {
      "\($0)" == "the network has no output other; it has label, features, scores, probabilities"
    }
    #expect { try outputs(["label"]).model().network() } throws: {
      "\($0)".contains("whole numbers (int64)")
    }
  }

  /// A file for four elements at once serves any number: where its nodes allow, at once, else in fours.
  @Test(arguments: [false, true]) func fixedBatches(_ isStubborn: Bool) throws {
    var file = FileBuilder()
    file.input("x", [4, 3])
    file.weight("w", [3, 2], [1, 2, 3, 4, 5, 6])
    if isStubborn {
      // A bias of a row for each of the four.
      file.weight("rows", [4, 3], [Float](repeating: 1, count: 12))
      file.node("Add", ["x", "rows"], ["a"])
    } else {
      file.weight("row", [1, 3], [1, 1, 1])
      file.node("Add", ["x", "row"], ["a"])
    }
    file.node("MatMul", ["a", "w"], ["m"])
    file.integers("shape", [4, 1, 2])
    file.node("Reshape", ["m", "shape"], ["y"])
    file.output("y", [4, 1, 2])
    let parts = try file.model().network()
    let store = VariableStore()
    for (name, value) in parts.values { store.provide(value, for: name) }
    for batch in [1, 3, 4, 9] {
      let built = try parts.network.build(on: Graph(), batch: batch, mode: .inference)
      #expect(built.output.shape == [batch, 2])
      let plan = try Plan(
        built.input.graph, outputs: [built.output], variables: store,
        options: PlanOptions(threads: 1))
      let x = (0..<batch * 3).map { Float($0) }
      try plan.setInput(built.input, Tensor([batch, 3], x))
      try plan.run()
      let right = (0..<batch).flatMap { row -> [Float] in
        let (a, b, c) = (x[3 * row] + 1, x[3 * row + 1] + 1, x[3 * row + 2] + 1)
        return [a + 3 * b + 5 * c, 2 * a + 4 * b + 6 * c]
      }
      #expect(isClose(try plan.output(built.output).scalars, right))
    }
  }

  @Test func bytesAreSeenInTheType() throws {
    var file = FileBuilder()
    file.input("x", [0, 2], element: 2)
    file.node("Cast", ["x"], ["f"], [FileBuilder.integer("to", 1)])
    file.weight("w", [2, 2], [1, 2, 3, 4])
    file.node("MatMul", ["f", "w"], ["y"])
    file.output("y", [0, 2])
    #expect(try file.model().network().takesBytes)
    #expect(try !outputs(["scores"]).model().network().takesBytes)
  }
}
