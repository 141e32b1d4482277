import Graphs
import Tensors

/// An operation that the interpreter can evaluate by obvious loops.
protocol ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor]
}

/// A random operation that the interpreter can evaluate.
protocol RandomReferenceOperation {
  func draw(_ random: inout RandomSource) -> ReferenceTensor
}

/// Evaluates graphs vertex by vertex, in double precision, without any cleverness: what plans are
/// compared with.
public final class Interpreter {
  public let graph: Graph
  /// The values of parameters and states by name; assignments change them at the end of a run.
  public var variables: [String: ReferenceTensor]
  private let random: RandomSource
  private var runs = 0

  /// An interpreter whose variables have their initial values.
  public init(_ graph: Graph, random: RandomSource = RandomSource(seed: 0)) {
    self.graph = graph
    self.random = random
    variables = Dictionary(
      uniqueKeysWithValues: graph.variables.map {
        ($0.name, ReferenceTensor($0.initialValue(random: random)))
      })
  }

  /// The values of `outputs`; vertices that they and the assignments do not need are not visited.
  public func run(
    _ outputs: [Node], inputs: [Node: ReferenceTensor] = [:], assigns: Bool = true
  ) -> [ReferenceTensor] {
    defer { runs += 1 }
    let assignments = assigns ? graph.assignments : []
    let wanted = outputs.map(\.id) + assignments.map(\.value)
    let given = Dictionary(uniqueKeysWithValues: inputs.map { ($0.key.id.vertex, $0.value) })

    var values: [Int: [ReferenceTensor]] = [:]
    let needed = vertices(neededFor: wanted)
    for (index, vertex) in graph.vertices.enumerated() where needed[index] {
      let results = evaluate(vertex, at: index, given: given, values)
      precondition(
        results.map(\.shape) == vertex.shapes,
        "\(vertex.kind): shape rule says \(vertex.shapes), reference \(results.map(\.shape))")
      values[index] = results
    }
    for assignment in assignments {
      guard case .variable(let variable) = graph.vertices[assignment.variable.vertex].kind else {
        continue
      }
      variables[variable.name] = values[assignment.value.vertex]?[assignment.value.output]
    }
    return outputs.compactMap { values[$0.id.vertex]?[$0.id.output] }
  }

  private func evaluate(
    _ vertex: Graph.Vertex, at index: Int, given: [Int: ReferenceTensor],
    _ values: [Int: [ReferenceTensor]]
  ) -> [ReferenceTensor] {
    switch vertex.kind {
    case .input(let name):
      guard let value = given[index] else { preconditionFailure("input \(name) was not given") }
      return [value]
    case .variable(let variable):
      return variables[variable.name].map { [$0] } ?? []
    case .constant(let tensor):
      return [ReferenceTensor(tensor)]
    case .operation(let operation as any ReferenceOperation):
      return operation.evaluate(
        vertex.inputs.compactMap { values[$0.vertex]?[$0.output] })
    case .operation(let operation as any RandomReferenceOperation):
      var stream = random.stream(named: vertex.stream, run: runs)
      return [operation.draw(&stream)]
    case .operation(let operation):
      preconditionFailure("no reference for \(operation.name)")
    }
  }

  private func vertices(neededFor wanted: [Node.ID]) -> [Bool] {
    var needed = [Bool](repeating: false, count: graph.vertices.count)
    for id in wanted { needed[id.vertex] = true }
    for index in graph.vertices.indices.reversed() where needed[index] {
      for input in graph.vertices[index].inputs { needed[input.vertex] = true }
    }
    return needed
  }
}
