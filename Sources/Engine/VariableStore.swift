import Graphs
import Tensors

/// The values of parameters and states, by name. Several plans share one: training, validation,
/// the two halves of a GAN.
///
/// A value that plans change lies in the order that the first of them chose; reading and writing it
/// here is in row-major order all the same. Not to be used from two threads at once.
public final class VariableStore {
  private var variables: [String: StoredVariable] = [:]

  public init() {}

  /// Draws first values for those variables that have none yet. Each depends on the source's seed
  /// and the variable's name alone.
  public func initialize(_ variables: [Variable], random: RandomSource) {
    for variable in variables where self.variables[variable.name] == nil {
      self[variable.name] = variable.initialValue(random: random)
    }
  }

  /// All names, sorted.
  public var names: [String] { variables.keys.sorted() }

  /// A variable's value; nil where there is none. Setting one that a plan uses changes what the
  /// plan's next run sees, and nil removes only what no plan uses.
  ///
  /// - Precondition: a value that replaces one in use has its shape.
  public subscript(name: String) -> Tensor? {
    get { variables[name]?.tensor }
    set {
      if let newValue {
        provide(DeferredTensor(newValue), for: name)
      } else if variables[name]?.isUsed == false {
        variables[name] = nil
      }
    }
  }

  /// Says where a variable's value is to be had; it is read when a plan needs it.
  ///
  /// - Precondition: a value that replaces one in use has its shape.
  public func provide(_ value: DeferredTensor, for name: String) {
    if let variable = variables[name], variable.isUsed {
      variable.set(value)
    } else {
      variables[name] = StoredVariable(value)
    }
  }

  /// The variable of a graph; from now on in use.
  func use(_ variable: Variable) throws(EngineError) -> StoredVariable {
    guard let known = variables[variable.name] else {
      throw .mismatch(
        "variable \(variable.name) has no value; initialise the store or load a model first")
    }
    guard known.shape == variable.shape else {
      throw .mismatch(
        "variable \(variable.name): expected \(variable.shape), received \(known.shape)")
    }
    known.isUsed = true
    return known
  }

  /// Whether plans work on a variable's value in place.
  func hasPlaced(_ name: String) -> Bool { variables[name]?.place != nil }
}

/// A variable's value: as it was given, for plans that copy it to where they want it, or in a place of
/// its own, where the plans that change it work.
final class StoredVariable {
  /// Memory that plans share.
  struct Place {
    let form: Form
    let byteCount: Int
    fileprivate let memory: Memory

    var address: UnsafeMutableRawPointer { memory.address }
  }

  let shape: Shape
  private(set) var place: Place?
  /// nil as soon as there is a place.
  private var given: DeferredTensor?
  /// How often the value was changed.
  var version = 0
  /// Whether some plan reads or changes it.
  fileprivate(set) var isUsed = false

  init(_ value: DeferredTensor) {
    shape = value.shape
    given = value
  }

  /// The place where plans change the value, in the given form if there is none yet.
  func place(in form: Form) throws(EngineError) -> Place {
    if let place { return place }
    let byteCount = try form.byteCount(shape)
    let made = Place(form: form, byteCount: byteCount, memory: try Memory(byteCount: byteCount))
    if let given { try write(given, to: made) }
    place = made
    given = nil
    return made
  }

  var tensor: Tensor {
    if let given { return given.tensor }
    return Tensor(shape) { target in
      guard let start = target.baseAddress else { return }
      do throws(EngineError) { try read(into: start, threads: 1) } catch { Self.stop(error) }
    }
  }

  /// Copies the value, in row-major order.
  func read(into target: UnsafeMutablePointer<Float>, threads: Int) throws(EngineError) {
    if let place {
      try copy(from: place.address, in: place.form, to: UnsafeMutableRawPointer(target), in: .plain)
    } else if let given {
      ParallelWork { part, parts in
        let elements = share(given.count, part: part, parts: parts, grain: 16)
        given.read(elements, into: target + elements.lowerBound)
      }.run(threads: given.count < Self.smallCount ? 1 : threads)
    }
  }

  /// Fewer elements are copied by one thread.
  private static let smallCount = 1 << 16

  func set(_ value: DeferredTensor) {
    precondition(value.shape == shape, "expected a value of \(shape), received \(value.shape)")
    if let place {
      do throws(EngineError) { try write(value, to: place) } catch { Self.stop(error) }
    } else {
      given = value
    }
    version += 1
  }

  /// A reorder that was possible once fails only where there is no memory left, as where Swift itself
  /// stops; to go on, and to store it, with other values than those that were meant would be worse.
  private static func stop(_ error: EngineError) -> Never {
    fatalError("the value of a variable: \(error)")
  }

  private func write(_ value: DeferredTensor, to place: Place) throws(EngineError) {
    if place.form == .plain {
      return value.read(0..<value.count, into: place.address.assumingMemoryBound(to: Float.self))
    }
    try value.tensor.withUnsafeBufferPointer { (source) throws(EngineError) in
      guard let base = source.baseAddress else { return }
      try copy(
        from: UnsafeMutableRawPointer(mutating: base), in: .plain, to: place.address, in: place.form
      )
    }
  }

  private func copy(
    from source: UnsafeMutableRawPointer, in sourceForm: Form,
    to target: UnsafeMutableRawPointer, in targetForm: Form
  ) throws(EngineError) {
    if sourceForm == targetForm {
      return target.copyMemory(from: source, byteCount: try sourceForm.byteCount(shape))
    }
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

/// Copies a variable's value to where one plan alone reads it.
final class VariableReading: Step {
  private let variable: StoredVariable
  private let target: UnsafeMutablePointer<Float>
  private let threads: Int

  init(_ variable: StoredVariable, into target: UnsafeMutablePointer<Float>, threads: Int) {
    self.variable = variable
    self.target = target
    self.threads = threads
  }

  func run() throws(EngineError) { try variable.read(into: target, threads: threads) }
}
