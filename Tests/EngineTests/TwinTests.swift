import Engine
import Graphs
import Tensors
import TestSupport
import Testing

/// Plans that share what is made once of their variables.
@Suite struct TwinTests {
  @Test func twinsComputeTheSame() throws {
    let graph = Graph()
    let image = try graph.input("image", [1, 32, 40, 40])
    let kernels = try graph.parameter("kernels", [32, 32, 3, 3], .normal(std: 0.1))
    let result = try image.applying(Convolution(padding: 1), kernels)
    let variables = VariableStore()
    try variables.initialize(graph.variables, random: RandomSource(seed: 1))
    let options = PlanOptions(threads: 1)
    var random = RandomSource(seed: 2)
    let images = (0..<2).map { _ in ReferenceTensor.random(image.shape, &random).tensor }
    let first = try Plan(graph, outputs: [result], variables: variables, options: options)
    try first.setInput(image, images[0])
    try first.run()
    let twin = try Plan(
      graph, outputs: [result], variables: variables, options: options, twin: first)
    try twin.setInput(image, images[1])
    try twin.run()
    #expect(try twin.output(result) != first.output(result))
    #expect(twin.memoryByteCount < first.memoryByteCount)
    try first.setInput(image, images[1])
    try first.run()
    #expect(try twin.output(result) == first.output(result))
  }
}
