import Engine
import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// Runs that nobody waits for.
@Suite struct PlanCancellationTests {
  @Test func aRunIsGivenUpBetweenItsSteps() throws {
    let graph = Graph()
    let image = try graph.input("image", [1, 8, 20, 20])
    let kernels = try graph.parameter("kernels", [8, 8, 3, 3], .normal(std: 0.1))
    let result = try image.applying(Convolution(padding: 1), kernels)
    let variables = VariableStore()
    try variables.initialize(graph.variables, random: RandomSource(seed: 1))
    var random = RandomSource(seed: 2)
    let values = ReferenceTensor.random(image.shape, &random).tensor
    let expected = try Plan(graph, outputs: [result], variables: variables)
    try expected.setInput(image, values)
    try expected.run()
    let cancellation = Cancellation()
    let plan = try Plan(
      graph, outputs: [result], variables: variables,
      options: PlanOptions(cancellation: cancellation))
    try plan.setInput(image, values)
    try plan.run()
    #expect(try plan.output(result) == expected.output(result))
    cancellation.cancel()
    #expect(throws: EngineError.cancelled) { try plan.run() }
    // For somebody else it goes on as if nothing had been.
    plan.cancellation = nil
    try plan.run()
    #expect(try plan.output(result) == expected.output(result))
  }
}
