import Graphs
import Tensors
import TestSupport
import Testing

/// The two-layer network of two neurons each that is worked by hand to nine digits: inputs .05 and
/// .10, sigmoid, targets .01 and .99, error ½ Σ (target − out)².
@Suite struct BackPropagationByHandTests {
  @Test func matchesTheHandWorkedNumbers() throws {
    let graph = Graph()
    let x = graph.constant(Tensor([1, 2], [0.05, 0.10]))
    let target = graph.constant(Tensor([1, 2], [0.01, 0.99]))
    let hiddenWeight = try graph.input("w1", [2, 2])
    let hiddenBias = try graph.input("b1", [2])
    let outputWeight = try graph.input("w2", [2, 2])
    let outputBias = try graph.input("b2", [2])
    let dense = MatrixMultiply(transposeRight: true)

    let netHidden = try graph.apply(BiasAdd(), graph.apply(dense, x, hiddenWeight), hiddenBias)
    let outHidden = try netHidden.map(.sigmoid)
    let netOutput = try graph.apply(
      BiasAdd(), graph.apply(dense, outHidden, outputWeight), outputBias)
    let out = try netOutput.map(.sigmoid)
    let errors = try (target - out).map(.square) * 0.5
    let gradients = try graph.gradients(
      of: errors.sum(), withRespectTo: [outputWeight, hiddenWeight])
    let updated = try outputWeight - 0.5 * gradients[0]

    let results = Interpreter(graph).run(
      [netHidden, outHidden, netOutput, out, errors, gradients[0], updated, gradients[1]],
      inputs: [
        hiddenWeight: ReferenceTensor([2, 2], [0.15, 0.20, 0.25, 0.30]),
        hiddenBias: ReferenceTensor([2], [0.35, 0.35]),
        outputWeight: ReferenceTensor([2, 2], [0.40, 0.45, 0.50, 0.55]),
        outputBias: ReferenceTensor([2], [0.60, 0.60]),
      ])
    // The graph's constants are floats, so nine digits after the point are kept to 5e-9.
    let expected = [
      0.3775, 0.593269992, 1.105905967, 0.75136507, 0.274811083, 0.082167041, 0.35891648,
    ]
    for (result, value) in zip(results, expected) {
      #expect(abs(result.values[0] - value) < 5e-9, "\(result.values[0]) is not \(value)")
    }
    // The first hidden weight's, known from the same example: 0.000438568.
    #expect(abs(results[7].values[0] - 0.000438568) < 5e-9)
  }
}
