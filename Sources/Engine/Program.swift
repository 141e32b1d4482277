import Graphs
import Tensors

/// A value's place in a program.
typealias ValueID = Int

/// What a plan will compute, between the graph and the machine: values and instructions in an
/// order that can be run. Passes change it; then each instruction is lowered to steps.
struct Program {
  struct Value {
    enum Source {
      case input
      case variable(Variable)
      case constant(Tensor)
      case computed
    }
    let shape: Shape
    let source: Source
    let label: String?
  }

  struct Instruction {
    var operation: any Lowerable
    var inputs: [ValueID]
    var outputs: [ValueID]
    var label: String?
    /// What a random operation draws from; see `Graph.Vertex`.
    var stream: String
  }

  var values: [Value] = []
  var instructions: [Instruction] = []
  /// What the caller wants to read after a run.
  var outputs: [ValueID] = []
  /// Which variable takes which value at the end of a run.
  var assignments: [(variable: ValueID, value: ValueID)] = []
  /// The values of the graph's nodes.
  private(set) var valueOfNode: [Node.ID: ValueID] = [:]

  /// The part of a graph that outputs and assignments depend on.
  init(
    _ graph: Graph, outputs: [Node], assignments wanted: [Graph.Assignment]
  ) throws(EngineError) {
    var needed = [Bool](repeating: false, count: graph.vertices.count)
    for node in outputs { needed[node.id.vertex] = true }
    for assignment in wanted {
      needed[assignment.variable.vertex] = true
      needed[assignment.value.vertex] = true
    }
    for index in graph.vertices.indices.reversed() where needed[index] {
      for input in graph.vertices[index].inputs { needed[input.vertex] = true }
    }
    for index in graph.vertices.indices where needed[index] {
      try add(graph.vertices[index], at: index)
    }
    self.outputs = try outputs.map { (node) throws(EngineError) in try value(of: node.id) }
    assignments = try wanted.map { (assignment) throws(EngineError) in
      (try value(of: assignment.variable), try value(of: assignment.value))
    }
  }

  private mutating func add(_ vertex: Graph.Vertex, at index: Int) throws(EngineError) {
    let source: Value.Source =
      switch vertex.kind {
      case .input: .input
      case .variable(let variable): .variable(variable)
      case .constant(let tensor): .constant(tensor)
      case .operation: .computed
      }
    var made: [ValueID] = []
    for (output, shape) in vertex.shapes.enumerated() {
      made.append(addValue(shape, source, label: vertex.label))
      valueOfNode[Node.ID(vertex: index, output: output)] = made[output]
    }
    guard case .operation(let operation) = vertex.kind else { return }
    guard let lowerable = operation as? any Lowerable else {
      throw .unsupported(operation.name)
    }
    let inputs = try vertex.inputs.map { (id) throws(EngineError) in try value(of: id) }
    instructions.append(
      Instruction(
        operation: lowerable, inputs: inputs, outputs: made, label: vertex.label,
        stream: vertex.stream))
  }

  mutating func addValue(
    _ shape: Shape, _ source: Value.Source = .computed, label: String? = nil
  ) -> ValueID {
    values.append(Value(shape: shape, source: source, label: label))
    return values.count - 1
  }

  func value(of node: Node.ID) throws(EngineError) -> ValueID {
    guard let value = valueOfNode[node] else {
      throw .mismatch("a node that this plan does not compute was asked for")
    }
    return value
  }

  func shape(_ value: ValueID) -> Shape { values[value].shape }

  /// The instructions that read each value.
  func readers() -> [ValueID: [Int]] {
    var readers: [ValueID: [Int]] = [:]
    for (index, instruction) in instructions.enumerated() {
      for input in Set(instruction.inputs) { readers[input, default: []].append(index) }
    }
    return readers
  }

  /// The instruction that computes each value.
  func writers() -> [ValueID: Int] {
    var writers: [ValueID: Int] = [:]
    for (index, instruction) in instructions.enumerated() {
      for output in instruction.outputs { writers[output] = index }
    }
    return writers
  }

  /// The values that must be there after a run.
  var kept: Set<ValueID> { Set(outputs).union(assignments.map(\.value)) }

  /// The number that a value always holds, where it is a constant without axes or of one element.
  func scalarConstant(_ value: ValueID) -> Float? {
    guard case .constant(let tensor) = values[value].source, tensor.count == 1 else { return nil }
    return tensor.scalars[0]
  }

  func isVariable(_ value: ValueID) -> Bool {
    if case .variable = values[value].source { true } else { false }
  }
}
