import Graphs
import Tensors

/// The values of parameters and states, by name. Several plans share one: training, validation,
/// the two halves of a GAN.
///
/// A value lies in the order that the first plan to use it chose; reading and writing it here is
/// in row-major order all the same. Not to be used from two threads at once.
public final class VariableStore {
  private var values: [String: Tensor] = [:]
  private var stored: [String: StoredVariable] = [:]

  public init() {}

  /// Draws first values for those variables that have none yet. Each depends on the source's seed
  /// and the variable's name alone.
  public func initialize(_ variables: [Variable], random: RandomSource) {
    for variable in variables where values[variable.name] == nil && stored[variable.name] == nil {
      values[variable.name] = variable.initialValue(random: random)
    }
  }

  /// All names, sorted.
  public var names: [String] { (Array(values.keys) + Array(stored.keys)).sorted() }

  /// A variable's value; nil where there is none. Setting one that a plan uses changes what the
  /// plan's next run sees.
  ///
  /// - Precondition: a value that replaces another has its shape.
  public subscript(name: String) -> Tensor? {
    get { stored[name]?.tensor ?? values[name] }
    set {
      guard let newValue else {
        values[name] = nil
        return
      }
      if let variable = stored[name] {
        variable.set(newValue)
      } else {
        values[name] = newValue
      }
    }
  }

  /// The memory of a variable, in the given form if no plan has used it yet.
  func adopt(_ variable: Variable, _ form: Form) throws(EngineError) -> StoredVariable {
    if let known = stored[variable.name] {
      try expect(known.shape, variable)
      return known
    }
    guard let value = values[variable.name] else {
      throw .mismatch(
        "variable \(variable.name) has no value; initialise the store or load a model first")
    }
    try expect(value.shape, variable)
    let made = try StoredVariable(value, form)
    values[variable.name] = nil
    stored[variable.name] = made
    return made
  }

  func hasPlaced(_ name: String) -> Bool { stored[name] != nil }

  private func expect(_ shape: Shape, _ variable: Variable) throws(EngineError) {
    guard shape == variable.shape else {
      throw .mismatch("variable \(variable.name): expected \(variable.shape), received \(shape)")
    }
  }
}

/// A variable's memory.
final class StoredVariable {
  let shape: Shape
  let form: Form
  let byteCount: Int
  private let memory: Memory
  private let isPlain: Bool
  /// How often the value was changed.
  var version = 0

  init(_ value: Tensor, _ form: Form) throws(EngineError) {
    shape = value.shape
    self.form = form
    let descriptor = try form.descriptor(shape)
    byteCount = descriptor.byteCount
    memory = try Memory(byteCount: byteCount)
    isPlain = form.layout == .plain
    try write(value)
  }

  var address: UnsafeMutableRawPointer { memory.address }

  var tensor: Tensor {
    Tensor(shape) { target in
      guard let base = target.baseAddress else { return }
      // A reorder that was possible once stays possible; the zeros would show if it were not.
      try? copy(from: address, in: form, to: UnsafeMutableRawPointer(base), in: .plain)
    }
  }

  func set(_ value: Tensor) {
    precondition(value.shape == shape, "expected a value of \(shape), received \(value.shape)")
    try? write(value)
    version += 1
  }

  private func write(_ value: Tensor) throws(EngineError) {
    try value.withUnsafeBufferPointer { (source) throws(EngineError) in
      guard let base = source.baseAddress else { return }
      try copy(
        from: UnsafeMutableRawPointer(mutating: base), in: .plain, to: address, in: form)
    }
  }

  private func copy(
    from source: UnsafeMutableRawPointer, in sourceForm: Form,
    to target: UnsafeMutableRawPointer, in targetForm: Form
  ) throws(EngineError) {
    if isPlain { return target.copyMemory(from: source, byteCount: byteCount) }
    let from = try sourceForm.descriptor(shape, alongside: targetForm)
    let to = try targetForm.descriptor(shape, alongside: sourceForm)
    let primitive = try Primitive(try PrimitiveDescriptor(reorder: from, to: to))
    let scratch = try Memory(byteCount: primitive.scratchpad.byteCount)
    try primitive.bind(.source, from, source)
    try primitive.bind(.destination, to, target)
    try primitive.bind(.scratchpad, primitive.scratchpad, scratch.address)
    try primitive.run()
  }
}
