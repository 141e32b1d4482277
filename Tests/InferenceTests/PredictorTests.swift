import Engine
import Graphs
import Inference
import Networks
import Tensors
import Testing

@Suite struct PredictorTests {
  /// Maps so large for so little arithmetic that a batch of five is computed in parts of two.
  private let network = Network(input: [256, 256, 3]) {
    Conv2D(32, 1)
    Conv2D(32, 3, groups: 32, activation: .relu)
    GlobalAveragePool()
    Dense(4)
  }

  /// The logits of five pictures, asked in batches of `batchSize`.
  private func logits(batchSize: Int, usesFlipTTA: Bool) throws -> [Float] {
    let variables = VariableStore()
    let graph = Graph()
    _ = try network.build(on: graph, batch: 1, mode: .inference)
    try variables.initialize(graph.variables, random: RandomSource(seed: 1))
    let predictor = try Predictor(
      network: network, variables: variables, batchSize: batchSize, usesFlipTTA: usesFlipTTA,
      options: PlanOptions(threads: 1))
    var random = RandomSource(seed: 2)
    var result: [Float] = []
    for _ in stride(from: 0, to: 5, by: batchSize) {
      result += try predictor.logits(fill: { random.fillNormal($0) }, { Array($1) })
    }
    return result
  }

  @Test(arguments: [false, true])
  func partsOfABatchAreTheBatch(usesFlipTTA: Bool) throws {
    let whole = try logits(batchSize: 5, usesFlipTTA: usesFlipTTA)
    let single = try logits(batchSize: 1, usesFlipTTA: usesFlipTTA)
    #expect(whole.count == 20 && single.count == 20)
    #expect(zip(whole, single).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(Set(single).count == 20)
  }
}
