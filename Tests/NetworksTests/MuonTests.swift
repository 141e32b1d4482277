import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct OrthogonalStepsTests {
  /// A kernel's value and velocity after a step from zero, by the slow reference.
  private func step(
    _ optimizer: Optimizer, kernel shape: Shape, from start: ReferenceTensor? = nil,
    gradient: [Double], rate: Double = 1
  ) throws -> [String: ReferenceTensor] {
    let graph = Graph()
    let kernel = try graph.parameter("kernel", shape, .zeros)
    let slope = try graph.input("slope", shape)
    let learningRate = try graph.input("rate", [])
    try optimizer.minimize(
      (slope * kernel).sum(), parameters: [kernel], learningRate: learningRate)
    let interpreter = Interpreter(graph)
    if let start { interpreter.variables["kernel"] = start }
    _ = interpreter.run(
      [],
      inputs: [slope: ReferenceTensor(shape, gradient), learningRate: ReferenceTensor([], [rate])])
    return interpreter.variables
  }

  private let muon = Optimizer(.sgd(momentum: 0.5), muon: Muon())

  /// What five iterations make of a singular value that is this share of the norm.
  private func raised(_ share: Double) -> Double {
    (0..<5).reduce(share) { x, _ in 3.4445 * x - 4.775 * x * x * x + 2.0315 * x * x * x * x * x }
  }

  /// The singular values of a diagonal matrix are its elements: 3 and 4 are 0.6 and 0.8 of its norm.
  @Test func diagonalKernelByHand() throws {
    let result = try step(muon, kernel: [2, 2, 1, 1], gradient: [3, 0, 0, -4], rate: 0.1)
    let value = try #require(result["kernel"]).values
    #expect(abs(value[0] + 0.1 * raised(0.6)) < 1e-7)
    #expect(value[1] == 0 && value[2] == 0)
    #expect(abs(value[3] - 0.1 * raised(0.8)) < 1e-7)
    #expect(result["optimizer.kernel.velocity"]?.values == [3, 0, 0, -4])
    // Both have come near to 1, and the longer one is not ahead.
    #expect((0.65...1.25).contains(raised(0.6)) && (0.65...1.25).contains(raised(0.8)))
  }

  /// Gradients of any length make steps of the same length.
  @Test(arguments: [1e-6, 1, 1e6])
  func lengthsOfGradientsDoNotMatter(scale: Double) throws {
    let gradient = [0.3, -0.1, 0.7, 0.2, 0.5, -0.4]
    let one = try #require(step(muon, kernel: [2, 3, 1, 1], gradient: gradient)["kernel"]).values
    let other = try #require(
      step(muon, kernel: [2, 3, 1, 1], gradient: gradient.map { $0 * scale })["kernel"]
    ).values
    #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// No gradient, no step, and nothing that is no number.
  @Test func zeroGradientsLeaveKernels() throws {
    let result = try step(muon, kernel: [2, 2, 1, 1], gradient: [0, 0, 0, 0])
    #expect(result["kernel"]?.values == [0, 0, 0, 0])
  }

  /// The factors' product against the iteration as it is written, over wide, tall and square matrices.
  @Test(arguments: [[1, 9], [4, 6], [5, 5], [8, 3], [16, 27]])
  func iterationAsWritten(extents: [Int]) throws {
    let (rows, columns) = (extents[0], extents[1])
    var random = RandomSource(seed: 7)
    let gradient = Tensor([rows, columns]) { random.fillNormal($0) }.scalars.map { Double($0) }
    let result = try step(muon, kernel: [rows, columns, 1], gradient: gradient)
    let value = try #require(result["kernel"]).values

    func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
      a.map { row in
        b[0].indices.map { j in row.indices.reduce(0) { $0 + row[$1] * b[$1][j] } }
      }
    }
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = (0..<rows).map { row in gradient[row * columns..<(row + 1) * columns].map { $0 / norm }
    }
    for _ in 0..<5 {
      let transposed = (0..<columns).map { j in (0..<rows).map { x[$0][j] } }
      let ax = product(product(x, transposed), x)
      let aax = product(product(x, transposed), ax)
      for i in 0..<rows {
        for j in 0..<columns {
          x[i][j] = 3.4445 * x[i][j] - 4.775 * ax[i][j] + 2.0315 * aax[i][j]
        }
      }
    }
    let reach = max(1, Double(rows) / Double(columns)).squareRoot()
    for (index, expected) in x.joined().enumerated() {
      #expect(abs(value[index] + reach * expected) < 1e-4, "element \(index)")
    }
  }

  @Test func momentumLooksAhead() throws {
    let ahead = Optimizer(
      .sgd(momentum: 0.5, nesterov: true), muon: Muon())
    let graph = Graph()
    let kernel = try graph.parameter("kernel", [2, 2, 1, 1], .zeros)
    let slope = try graph.input("slope", [2, 2, 1, 1])
    try ahead.minimize(
      (slope * kernel).sum(), parameters: [kernel], learningRate: graph.constant(1))
    let interpreter = Interpreter(graph)
    for gradient in [[2.0, 0, 0, 0], [0, 0, 0, 2]] {
      interpreter.variables["kernel"] = ReferenceTensor([2, 2, 1, 1], [0, 0, 0, 0])
      _ = interpreter.run([], inputs: [slope: ReferenceTensor([2, 2, 1, 1], gradient)])
    }
    // v = (1, 0; 0, 2), g + v / 2 = (0.5, 0; 0, 3).
    let value = try #require(interpreter.variables["kernel"]).values
    let norm = (0.25 + 9).squareRoot()
    #expect(abs(value[0] + raised(0.5 / norm)) < 1e-6)
    #expect(abs(value[3] + raised(3 / norm)) < 1e-6)
  }

  /// p − f·η·λ·p of a kernel without gradient; the rule's own decay is for the others.
  @Test func kernelsHaveADecayOfTheirOwn() throws {
    let decaying = Optimizer(
      .sgd(momentum: 0.5, weightDecay: 0.9),
      muon: Muon(learningRateFactor: 0.5, weightDecay: 0.25))
    // A tall kernel, whose steps are longer: its decay is not.
    let result = try step(
      decaying, kernel: [4, 1, 1, 1], from: ReferenceTensor([4, 1, 1, 1], [8, 4, 0, -8]),
      gradient: [0, 0, 0, 0], rate: 0.5)
    #expect(result["kernel"]?.values == [7.5, 3.75, 0, -7.5])
  }

  /// A matrix of a dense layer and a bias follow the rule.
  @Test func whatIsNoKernelFollowsTheRule() throws {
    for shape: Shape in [[4], [2, 2]] {
      let result = try step(muon, kernel: shape, gradient: [3, 0, 0, -4])
      #expect(result["kernel"]?.values == [-3, 0, 0, 4])
    }
  }

  @Test func ruleMustHaveMomentum() throws {
    for rule in [OptimizerRule.sgd(), .adam()] {
      #expect(throws: NetworkError.self) {
        _ = try step(
          Optimizer(rule, muon: Muon()), kernel: [2, 2, 1, 1],
          gradient: [3, 0, 0, -4])
      }
    }
  }
}
