import Engine
import Graphs
import Tensors
import TestSupport
import Testing

/// Expects an optimized plan of two threads, run twice, to give the plain one's results in fp32, from inputs of normal
/// random numbers.
func expectOptimizedEqualsPlain(
  _ outputs: [Node], of inputs: [Node], _ precision: Precision,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  func results(_ options: PlanOptions) throws -> [Tensor] {
    let plan = try Plan(
      inputs[0].graph, outputs: outputs, variables: VariableStore(), options: options)
    var random = RandomSource(seed: 3)
    for node in inputs { try plan.withInput(node) { random.fillNormal($0) } }
    for _ in 0..<2 { try plan.run() }
    return try outputs.map { try plan.output($0) }
  }
  let fast: [Tensor]
  do { fast = try results(PlanOptions(threads: 2, precision: precision)) } catch EngineError
    .unavailable
  {
    // This processor has no bfloat16.
    return
  }
  for (plain, fast) in zip(try results(PlanOptions(threads: 2, optimizes: false)), fast) {
    let reference = ReferenceTensor(plain.shape, plain.scalars.map(Double.init))
    #expect(
      relativeError(fast, reference) < (precision == .float32 ? 1e-5 : 0.02),
      sourceLocation: sourceLocation)
  }
}
