import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct SpectralNormalizationTests {
  /// The singular values of [[3, 0], [4, 5]] are 3√5 and √5.
  @Test func dividesByTheLargestSingularValue() throws {
    let graph = Graph()
    let weight = try graph.parameter("w", [2, 2], .zeros)
    let norm = try SpectralNormalization(of: weight, name: "w")
    let normalized = try norm.normalized(weight)
    let interpreter = Interpreter(graph)
    interpreter.variables["w"] = ReferenceTensor([2, 2], [3, 0, 4, 5])
    // Each run is one step of power iteration, whose error shrinks ninefold.
    for _ in 0..<20 { _ = interpreter.run([], inputs: [:]) }
    let values = interpreter.run([normalized], inputs: [:])[0].values
    let sigma = 3 * 5.0.squareRoot()
    for (value, wanted) in zip(values, [3.0, 0, 4, 5]) {
      #expect(abs(value - wanted / sigma) < 1e-9)
    }
  }

  /// d(Σ W/σ)/dW = 1/σ − (ΣW)·u vᵀ/σ² with u and v held constant (Miyato et al. 2018, eq. 12).
  @Test func gradientHoldsTheSingularVectors() throws {
    let graph = Graph()
    let weight = try graph.parameter("w", [2, 2], .zeros)
    let norm = try SpectralNormalization(of: weight, name: "w")
    let loss = try norm.normalized(weight).sum()
    let gradient = try graph.gradients(
      of: loss, withRespectTo: [weight], stoppingGradientsAt: norm.vectors)[0]
    let interpreter = Interpreter(graph)
    interpreter.variables["w"] = ReferenceTensor([2, 2], [2, 0, 0, 1])
    interpreter.variables["w.u"] = ReferenceTensor([1, 2], [1, 0])
    let values = interpreter.run([gradient], inputs: [:])[0].values
    for (value, wanted) in zip(values, [0.5 - 0.75, 0.5, 0.5, 0.5]) {
      #expect(abs(value - wanted) < 1e-9)
    }
  }
}

@Suite struct MovingAverageTests {
  /// a ← a + w·(x − a): 4, then 4 + ¼·(8 − 4).
  @Test func followsTheValue() throws {
    let graph = Graph()
    let value = try graph.input("x", [])
    let weight = try graph.input("weight", [])
    try addMovingAverage(of: [("x", value)], weight: weight)
    let interpreter = Interpreter(graph)
    for (x, share) in [(4.0, 1.0), (8, 0.25)] {
      _ = interpreter.run(
        [], inputs: [value: ReferenceTensor([], [x]), weight: ReferenceTensor([], [share])])
    }
    #expect(interpreter.variables["average.x"]?.values == [5])
  }
}
