import Engine
import Graphs
import Tensors
import Testing
import Training

@Suite struct EMATests {
  /// After one half-life the present values count for half, after two for three quarters; in the
  /// beginning the half-life is a twentieth of what was seen.
  @Test func weightFollowsFromTheHalfLife() {
    let average = EMA(halfLife: 100)
    #expect(average.weight(seen: 10_000, new: 100) == 0.5)
    #expect(average.weight(seen: 10_000, new: 200) == 0.75)
    #expect(average.weight(seen: 1_000, new: 50) == 0.5)
    #expect(average.weight(seen: 10, new: 10) > 0.999)
  }

  @Test func averagesOfVariablesLieBesideThem() throws {
    let variables = VariableStore()
    let graph = Graph()
    for (name, values) in [("a", [2, 4]), ("b", [1, 0])] as [(String, [Float])] {
      _ = try graph.parameter(name, [2], .zeros)
      variables[name] = Tensor([2], values)
    }
    let update = try EMAUpdate(
      of: graph.variables, variables: variables, options: PlanOptions(threads: 1))
    #expect(variables["average.a"] == Tensor([2], [2, 4]))
    variables["a"] = Tensor([2], [4, 0])
    try update.run(weight: 0.5)
    #expect(variables["average.a"] == Tensor([2], [3, 2]))
    #expect(variables["average.b"] == Tensor([2], [1, 0]))
    try update.run(weight: 0.25)
    #expect(variables["average.a"] == Tensor([2], [3.25, 1.5]))
  }
}
