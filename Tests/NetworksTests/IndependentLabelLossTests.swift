import Glibc
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

/// The binary cross-entropy of labels that hold or not, each on its own.
@Suite struct IndependentLabelLossTests {
  private func value(
    _ loss: IndependentLabelLoss, _ logits: ReferenceTensor, _ targets: ReferenceTensor
  ) throws -> Double {
    let graph = Graph()
    let (x, t) = (try graph.input("x", logits.shape), try graph.input("t", targets.shape))
    return evaluate(try loss(x, t), [x: logits, t: targets]).values[0]
  }

  private func isNear(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) < 1e-8 }

  /// Logits ln 3 and −ln 3 are probabilities ¾ and ¼.
  @Test func byHand() throws {
    let logits = ReferenceTensor([1, 2], [log(3), -log(3)])
    let (right, wrong) = (-log(0.75), -log(0.25))
    func loss(_ held: [Double], _ loss: IndependentLabelLoss = IndependentLabelLoss()) throws
      -> Double
    {
      try value(loss, logits, ReferenceTensor([1, 2], held))
    }
    #expect(isNear(try loss([1, 0]), right))
    #expect(isNear(try loss([0, 1]), wrong))
    #expect(isNear(try loss([0, 0]), (wrong + right) / 2))
    // Where a label holds it counts three times and half; where it doesn't, as ever.
    let weighted = IndependentLabelLoss(positiveWeights: [3, 0.5])
    #expect(isNear(try loss([1, 1], weighted), (3 * right + 0.5 * wrong) / 2))
    #expect(isNear(try loss([0, 0], weighted), (wrong + right) / 2))
    // Targets 1 and 0 become 0.9 and 0.1.
    #expect(
      isNear(
        try loss([1, 0], IndependentLabelLoss(smoothing: 0.2)), 0.9 * right + 0.1 * wrong))
  }

  @Test func asInPyTorch() throws {
    let fixture = try Fixture("label-loss.json")
    let (logits, targets) = (try fixture.tensor("logits"), try fixture.tensor("targets"))
    let weights = try fixture.tensor("weights").values.map { Float($0) }
    let weighted = try self.value(
      IndependentLabelLoss(positiveWeights: weights), logits, targets)
    let weightedLoss = try fixture.tensor("loss").values[0]
    #expect(isNear(weighted, weightedLoss))
    let smoothed = IndependentLabelLoss(smoothing: 0.2, positiveWeights: weights)
    let expected = try fixture.tensor("smoothed").values[0]
    let value = try self.value(smoothed, logits, targets)
    #expect(abs(value - expected) < 1e-7)

    let graph = Graph()
    let (x, t) = (try graph.input("x", logits.shape), try graph.input("t", targets.shape))
    let loss = try IndependentLabelLoss(positiveWeights: weights)(x, t)
    let gradient = try graph.gradients(of: loss, withRespectTo: [x])[0]
    let expectedGradient = try fixture.tensor("gradient")
    let made = evaluate(gradient, [x: logits, t: targets])
    #expect(made.largestError(against: expectedGradient) < 1e-8)
  }

  @Test(arguments: [nil, [0.25, 1, 20]] as [[Float]?])
  func gradientsAreThoseOfTheLoss(weights: [Float]?) throws {
    var random = RandomSource(seed: 3)
    let logits = ReferenceTensor.random([4, 3], &random)
    let targets = ReferenceTensor([4, 3], [1, 0, 0, 1, 1, 0, 0, 0.3, 0, 1, 1, 1])
    let check = try GradientCheck([logits, targets]) { (nodes) throws(GraphError) in
      do throws(NetworkError) {
        return try IndependentLabelLoss(smoothing: 0.1, positiveWeights: weights)(
          nodes[0], nodes[1])
      } catch { throw GraphError(operation: "loss", message: "\(error)") }
    }
    #expect(check.comparisons == 24 && check.largestError < 1e-6)
  }

  /// What e to the power of would overflow at.
  @Test func hugeLogitsAreExact() throws {
    let logits = ReferenceTensor([1, 2], [1e4, -1e4])
    for weights in [nil, [2, 2]] as [[Float]?] {
      let loss = IndependentLabelLoss(positiveWeights: weights)
      #expect(try value(loss, logits, ReferenceTensor([1, 2], [1, 0])) == 0)
      let wrong = try value(loss, logits, ReferenceTensor([1, 2], [0, 1]))
      #expect(wrong == (weights == nil ? 1e4 : 1.5e4))
    }
  }

  /// Of ten examples two, all, none, five hold.
  @Test func weightsBalanceBothSides() {
    #expect(
      IndependentLabelLoss.balancingWeights(counts: [2, 10, 0, 5], total: 10) == [4, 0.01, 10, 1])
    #expect(IndependentLabelLoss.balancingWeights(counts: [1], total: 1_000_000) == [100])
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let graph = Graph()
    let (x, t) = (try graph.input("x", [2, 3]), try graph.input("t", [2, 4]))
    #expect(throws: NetworkError.self) { try IndependentLabelLoss()(x, t) }
    #expect(throws: NetworkError.self) { try IndependentLabelLoss(positiveWeights: [1])(x, x) }
    #expect(throws: NetworkError.self) { try IndependentLabelLoss(smoothing: 1)(x, x) }
  }
}
