import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct LossTests {
  private func value(
    _ loss: Loss, _ output: ReferenceTensor, _ target: ReferenceTensor
  ) throws -> Double {
    let graph = Graph()
    let y = try graph.input("y", output.shape)
    let t = try graph.input("t", target.shape)
    return evaluate(try loss(y, t), [y: output, t: target]).values[0]
  }

  @Test func asInPyTorch() throws {
    let fixture = try Fixture("losses.json")
    let logits = try fixture.tensor("logits")
    let targets = try fixture.tensor("targets")
    let onehot = try fixture.tensor("onehot")
    func near(_ loss: Loss, _ y: ReferenceTensor, _ t: ReferenceTensor, _ name: String) throws {
      let expected = try fixture.tensor(name).values[0]
      let actual = try value(loss, y, t)
      #expect(abs(actual - expected) < 1e-6 * expected, "\(name): \(actual), \(expected)")
    }
    try near(.crossEntropy(), logits, onehot, "crossEntropy")
    try near(.crossEntropy(labelSmoothing: 0.1), logits, onehot, "crossEntropy-0.1")
    try near(.binaryCrossEntropyFromLogits, logits, targets, "binaryCrossEntropyFromLogits")
    try near(
      .binaryCrossEntropy, fixture.tensor("probabilities"), targets, "binaryCrossEntropy")
    try near(.meanSquaredError, logits, targets, "meanSquaredError")
  }

  @Test func byHand() throws {
    let y = ReferenceTensor([2, 2], [1, 3, -2, 0])
    let t = ReferenceTensor([2, 2], [0, 1, 1, 0])
    // Differences 1, 2, −3, 0: squares 1, 4, 9, 0.
    #expect(try value(.meanSquaredError, y, t) == 3.5)
    #expect(try value(.halfSquaredError, y, t) == 3.5)
    #expect(
      try value(
        .halfSquaredError, ReferenceTensor([1, 4], y.values), ReferenceTensor([1, 4], t.values))
        == 7)
    // Signs −1, 1, 1, −1: margins 1 + 1, 1 − 3, 1 + 2, 1 + 0.
    #expect(try value(.hinge, y, t) == 1.5)
    // Even odds cost ln 2.
    let even = try value(
      .binaryCrossEntropy, ReferenceTensor([2, 2], repeating: 0.5), t)
    #expect(abs(even - 0.693147181) < 1e-9)
    // A wrong certainty is finite.
    let certain = try value(
      .binaryCrossEntropy, ReferenceTensor([1], [0]), ReferenceTensor([1], [1]))
    #expect(abs(certain - 16.118) < 0.001)
  }

  @Test func targetsOfAnotherShapeAreRefused() throws {
    let graph = Graph()
    let y = try graph.input("y", [2, 3])
    let t = try graph.input("t", [2, 4])
    #expect(throws: NetworkError.self) { try Loss.crossEntropy()(y, t) }
    #expect(throws: NetworkError.self) { try Loss.crossEntropy(labelSmoothing: 1)(y, y) }
  }

  @Test func adversarialLossesByHand() throws {
    let graph = Graph()
    let real = try graph.input("real", [2, 1])
    let fake = try graph.input("fake", [2, 1])
    func values(
      _ loss: AdversarialLoss, _ r: [Double], _ f: [Double], label: Float = 1
    ) throws -> (discriminator: Double, generator: Double) {
      let inputs = [real: ReferenceTensor([2, 1], r), fake: ReferenceTensor([2, 1], f)]
      let discriminator = try loss.discriminator(real: real, fake: fake, realLabel: label)
      let generator = try loss.generator(fake: fake)
      let results = Interpreter(graph).run([discriminator, generator], inputs: inputs)
      return (results[0].values[0], results[1].values[0])
    }
    func near(_ a: (Double, Double), _ b: (Double, Double)) -> Bool {
      abs(a.0 - b.0) < 1e-8 && abs(a.1 - b.1) < 1e-8
    }
    // A discriminator that does not know: D = 1/2.
    #expect(near(try values(.minimax, [0, 0], [0, 0]), (1.386294361, -0.693147181)))
    #expect(near(try values(.nonSaturating, [0, 0], [0, 0]), (1.386294361, 0.693147181)))
    // D(real) = 0.9, D(fake) = 0.2: logits ln 9 and −ln 4.
    let (r, f) = (2.1972245773362196, -1.3862943611198906)
    #expect(near(try values(.minimax, [r, r], [f, f]), (0.105360516 + 0.223143551, -0.223143551)))
    #expect(
      near(try values(.nonSaturating, [r, r], [f, f]), (0.105360516 + 0.223143551, 1.609437912)))
    // One-sided smoothing: −0.9 ln 0.9 − 0.1 ln 0.1.
    let smooth = try values(.nonSaturating, [r, r], [f, f], label: 0.9)
    #expect(abs(smooth.discriminator - (0.325082973 + 0.223143551)) < 1e-7)
    #expect(near(try values(.hinge, [2, 0.5], [-3, 0]), (0.25 + 0.5, 1.5)))
    #expect(near(try values(.wasserstein, [2, 1], [-3, 0]), (-1.5 - 1.5, 1.5)))
  }

  /// A linear critic has the same slope everywhere, ‖w‖; the penalty is (‖w‖ − 1)² and its
  /// gradient 2 (‖w‖ − 1) w / ‖w‖, a gradient of a gradient.
  @Test func gradientPenaltyOfALinearCritic() throws {
    let graph = Graph()
    let real = try graph.input("real", [3, 2])
    let fake = try graph.input("fake", [3, 2])
    let weight = try graph.parameter("w", [1, 2], .zeros)
    let penalty = try gradientPenalty(real: real, fake: fake) { (x) throws(NetworkError) in
      do { return try x.applying(MatrixMultiply(transposeRight: true), weight) } catch {
        throw .training("\(error)")
      }
    }
    let slope = try graph.gradients(of: penalty, withRespectTo: [weight])[0]
    let interpreter = Interpreter(graph)
    interpreter.variables["w"] = ReferenceTensor([1, 2], [3, 4])
    let inputs = [
      real: ReferenceTensor([3, 2], repeating: 1), fake: ReferenceTensor([3, 2], repeating: 0),
    ]
    let results = interpreter.run([penalty, slope], inputs: inputs)
    #expect(abs(results[0].values[0] - 16) < 1e-6)
    #expect(results[1].largestError(against: ReferenceTensor([1, 2], [4.8, 6.4])) < 1e-6)
  }
}
