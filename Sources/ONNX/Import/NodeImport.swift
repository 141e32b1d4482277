import Graphs
import Tensors

/// What an operator is given when it joins a graph: its inputs, its attributes, and the graph.
struct NodeImport {
  /// The graph that is built.
  let context: ImportContext
  /// The version of the operators.
  let opset: Int
  private let node: ProtoNode
  private let inputs: [Value?]
  private let attributes: [String: ProtoAttribute]
  private let asked: AskedNames

  /// The attributes that the operator has looked at, to refuse what it does not know.
  private final class AskedNames { var names: Set<String> = [] }

  init(
    _ node: ProtoNode, inputs: [Value?], opset: Int, context: ImportContext
  ) throws(ONNXError) {
    self.node = node
    self.inputs = inputs
    self.opset = opset
    self.context = context
    var attributes: [String: ProtoAttribute] = [:]
    for attribute in node.attribute {
      guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
        throw context.invalid("two attributes are called \(attribute.name)")
      }
    }
    self.attributes = attributes
    asked = AskedNames()
  }

  // MARK: - Inputs and outputs

  /// How many inputs there are, those left out in the middle counted.
  var inputCount: Int { inputs.count }

  var outputCount: Int { node.output.count }

  /// Whether the output of that place has a name, so that somebody may read it.
  func hasOutput(_ index: Int) -> Bool {
    index < node.output.count && !node.output[index].isEmpty
  }

  /// An input that must be there.
  func input(_ index: Int) throws(ONNXError) -> Value {
    guard let value = optional(index) else {
      throw context.invalid("input \(index + 1) is missing")
    }
    return value
  }

  /// An input that may be left out.
  func optional(_ index: Int) -> Value? { index < inputs.count ? inputs[index] : nil }

  /// All inputs, of which none may be missing.
  func allInputs() throws(ONNXError) -> [Value] {
    try inputs.indices.map { (index) throws(ONNXError) in try input(index) }
  }

  /// The elements of an input that decides on shapes and must therefore be known; nil where it is left
  /// out.
  func elements(_ index: Int) throws(ONNXError) -> Elements? {
    guard let value = optional(index) else { return nil }
    guard let elements = value.elements else {
      throw .needsValue(ofInput: node.input[index])
    }
    return elements
  }

  /// Whole numbers that an input holds; nil where it is left out.
  func knownIntegers(_ index: Int) throws(ONNXError) -> [Int]? {
    try elements(index)?.integers.map { Int($0) }
  }

  /// Whole numbers that older opsets give as an attribute and newer ones as an input; nil where they
  /// are left out.
  func integers(_ name: String, orInput index: Int) throws(ONNXError) -> [Int]? {
    if let values = integers(name) { return values }
    return try knownIntegers(index)
  }

  // MARK: - Attributes

  private func attribute(_ name: String) -> ProtoAttribute? {
    asked.names.insert(name)
    return attributes[name]
  }

  func integer(_ name: String) -> Int? { attribute(name).map { Int($0.i) } }

  func integer(_ name: String, default value: Int) -> Int { integer(name) ?? value }

  func flag(_ name: String, default value: Bool = false) -> Bool {
    integer(name).map { $0 != 0 } ?? value
  }

  func float(_ name: String) -> Float? { attribute(name).map(\.f) }

  func float(_ name: String, default value: Float) -> Float { float(name) ?? value }

  func text(_ name: String) -> String? {
    attribute(name).map { String(decoding: $0.s, as: UTF8.self) }
  }

  func integers(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map { Int($0) } } }

  func floats(_ name: String) -> [Float]? { attribute(name).map(\.floats) }

  func texts(_ name: String) -> [String]? {
    attribute(name).map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
  }

  func tensor(_ name: String) throws(ONNXError) -> ONNXTensor? {
    guard let attribute = attribute(name) else { return nil }
    return try ONNXTensor(attribute.t)
  }

  func element(_ name: String) throws(ONNXError) -> ONNXElement? {
    guard let number = integer(name) else { return nil }
    guard let element = ONNXElement(rawValue: number) else {
      throw context.unsupported(
        "elements of type \(ONNXElement.name(of: Int32(truncatingIfNeeded: number)))")
    }
    return element
  }

  /// Attributes that change nothing here.
  func ignore(_ names: String...) { asked.names.formUnion(names) }

  /// Refuses attributes that the operator has not looked at: they might change what it means.
  func requireAllAsked() throws(ONNXError) {
    if let name = attributes.keys.filter({ !asked.names.contains($0) }).min() {
      throw context.unsupported("the attribute \(name)")
    }
  }

  // MARK: - Axes

  /// An axis from 0 up; negative ones count from the end.
  func axis(_ axis: Int, of rank: Int) throws(ONNXError) -> Int {
    guard (-rank..<rank).contains(axis) else {
      throw context.invalid("axis \(axis) of \(rank) axes")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Distinct axes from 0 up.
  func axes(_ axes: [Int], of rank: Int) throws(ONNXError) -> [Int] {
    let axes = try axes.map { (axis) throws(ONNXError) in try self.axis(axis, of: rank) }
    guard Set(axes).count == axes.count else {
      throw context.invalid("axes \(axes) are not distinct")
    }
    return axes
  }

  /// A whole number in a range in which no arithmetic of shapes overflows.
  func require(
    _ values: [Int], _ name: String, atLeast least: Int, count: Int? = nil
  ) throws(ONNXError) -> [Int] {
    guard values.allSatisfy({ (least...Int(Int32.max)).contains($0) }),
      count.map({ $0 == values.count }) ?? true
    else { throw context.invalid("\(name) \(values)") }
    return values
  }
}
