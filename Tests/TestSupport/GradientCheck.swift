import Graphs
import Tensors

/// Compares gradients of a graph with central finite differences.
public struct GradientCheck {
  /// The largest |analytic − numeric| / max(1, |numeric|) that was seen.
  public private(set) var largestError = 0.0
  /// How many derivatives were compared.
  public private(set) var comparisons = 0

  /// Checks the gradients of Σ y · c, for fixed random c, with respect to each input.
  ///
  /// - Parameters:
  ///   - inputs: values at which to differentiate; one graph input is made for each.
  ///   - differentiable: the inputs to check; nil for all.
  ///   - samples: at most so many elements of each input are moved.
  ///   - build: the function y of the inputs.
  public init(
    _ inputs: [ReferenceTensor], differentiable: [Int]? = nil, samples: Int = 16,
    seed: UInt64 = 1, _ build: ([Node]) throws(GraphError) -> Node
  ) throws {
    let graph = Graph()
    var random = RandomSource(seed: seed)
    let nodes = try inputs.enumerated().map { try graph.input("x\($0.offset)", $0.element.shape) }
    let y = try build(nodes)
    let weights = graph.constant(ReferenceTensor.random(y.shape, &random).tensor)
    let loss = try (y * weights).sum()
    let checked = differentiable ?? Array(inputs.indices)
    let gradients = try graph.gradients(of: loss, withRespectTo: checked.map { nodes[$0] })

    let interpreter = Interpreter(graph)
    var given = Dictionary(uniqueKeysWithValues: zip(nodes, inputs))
    let analytic = interpreter.run(gradients, inputs: given)
    let h = 1e-5
    for (position, gradient) in zip(checked, analytic) {
      let original = inputs[position]
      for element in random.permutation(original.shape.count).prefix(samples) {
        func value(moved by: Double) -> Double {
          var moved = original
          moved.values[element] += by
          given[nodes[position]] = moved
          return interpreter.run([loss], inputs: given)[0].values[0]
        }
        let numeric = (value(moved: h) - value(moved: -h)) / (2 * h)
        let error = abs(gradient.values[element] - numeric) / max(1, abs(numeric))
        largestError = max(largestError, error.isNaN ? .infinity : error)
        comparisons += 1
      }
      given[nodes[position]] = original
    }
  }
}
