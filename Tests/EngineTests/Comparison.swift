import Engine
import Graphs
import Tensors
import TestSupport
import Testing

/// Runs a graph as a plan with all passes, as a plan without any, and by the interpreter.
struct Comparison {
  let graph = Graph()
  private(set) var inputs: [(node: Node, value: ReferenceTensor)] = []
  private var random: RandomSource

  init(seed: UInt64 = 1) { random = RandomSource(seed: seed) }

  /// An input with random values.
  mutating func input(_ shape: Shape, from lower: Float = -1, to upper: Float = 1) throws -> Node {
    let node = try graph.input("x\(inputs.count)", shape)
    inputs.append((node, .random(shape, from: lower, to: upper, &random)))
    return node
  }

  /// An input with given values.
  mutating func input(_ tensor: ReferenceTensor) throws -> Node {
    let node = try graph.input("x\(inputs.count)", tensor.shape)
    inputs.append((node, tensor))
    return node
  }

  /// Expects that plans with and without passes give what the interpreter gives.
  ///
  /// - Parameter tolerance: the largest error allowed, relative to the largest value.
  func expect(
    _ outputs: [Node], tolerance: Double = 1e-5, threads: [Int] = [2], runs: Int = 1,
    options: [PlanOptions] = [PlanOptions(), PlanOptions(optimizes: false)],
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let interpreter = Interpreter(graph, random: RandomSource(seed: 7))
    var expected: [[ReferenceTensor]] = []
    for _ in 0..<runs {
      expected.append(
        interpreter.run(
          outputs,
          inputs: Dictionary(uniqueKeysWithValues: inputs.map { ($0.node, $0.value) })))
    }
    for var option in options {
      for count in threads {
        option.threads = count
        let store = VariableStore()
        try store.initialize(graph.variables, random: RandomSource(seed: 7))
        let plan = try Plan(
          graph, outputs: outputs, variables: store, random: RandomSource(seed: 7),
          options: option)
        for (node, value) in inputs where plan.reads(node) {
          try plan.setInput(node, value.tensor)
        }
        for run in 0..<runs {
          try plan.run()
          for (index, (output, reference)) in zip(outputs, expected[run]).enumerated() {
            let error = try relativeError(plan.output(output), reference)
            #expect(
              error <= tolerance,
              "output \(index) of run \(run), optimizes \(option.optimizes), \(count) threads: \(error) \(comment?.rawValue ?? "")",
              sourceLocation: sourceLocation)
          }
        }
        for variable in graph.variables {
          let stored = try #require(store[variable.name])
          let reference = try #require(interpreter.variables[variable.name])
          #expect(
            relativeError(stored, reference) <= tolerance, "variable \(variable.name)",
            sourceLocation: sourceLocation)
        }
      }
    }
  }
}

/// The largest difference, relative to the reference's largest value or 1e-3.
func relativeError(_ tensor: Tensor, _ reference: ReferenceTensor) -> Double {
  guard tensor.shape == reference.shape else { return .infinity }
  let scale = max(1e-3, reference.values.lazy.filter(\.isFinite).map(abs).max() ?? 0)
  var worst = 0.0
  for (a, b) in zip(tensor.scalars, reference.values) {
    let a = Double(a)
    if a == b || a.isNaN && b.isNaN { continue }
    let error = abs(a - b) / scale
    worst = max(worst, error.isNaN ? .infinity : error)
  }
  return worst
}
