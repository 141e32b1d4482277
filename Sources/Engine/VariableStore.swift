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
  ///
  /// - Throws: ``EngineError/outOfMemory(bytes:)`` where there is no room for them.
  public func initialize(_ variables: [Variable], random: RandomSource) throws(EngineError) {
    let missing = variables.filter { self.variables[$0.name] == nil }
    let bytes = missing.reduce(0) { sum, variable in
      sum.addingReportingOverflow(variable.shape.count &* 4).partialValue
    }
    guard bytes < Self.smallTotal || bytes <= availableMemory() else {
      throw .outOfMemory(bytes: bytes)
    }
    for variable in missing where self.variables[variable.name] == nil {
      self[variable.name] = variable.initialValue(random: random)
    }
  }

  /// From how many bytes on it is asked whether there are as many.
  private static let smallTotal = 64 << 20

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
        provide(LazyTensor(newValue), for: name)
      } else if variables[name]?.isUsed == false {
        variables[name] = nil
      }
    }
  }

  /// Says where a variable's value is to be had; it is read when a plan needs it.
  ///
  /// - Precondition: a value that replaces one in use has its shape.
  public func provide(_ value: LazyTensor, for name: String) {
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
        "variable \(variable.name) has no value; initialize the store or load a model first")
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
    /// oneDNN's descriptions of the place and of the value in row-major order.
    fileprivate let descriptor, plain: MemoryDescriptor

    fileprivate init(_ form: Form, _ shape: Shape) throws(EngineError) {
      self.form = form
      descriptor = try form.descriptor(shape, alongside: .plain)
      plain = try Form.plain.descriptor(shape, alongside: form)
      byteCount = descriptor.byteCount
      memory = try Memory(byteCount: byteCount)
    }

    var address: UnsafeMutableRawPointer { memory.address }
  }

  let shape: Shape
  private(set) var place: Place?
  /// nil as soon as there is a place.
  private var given: LazyTensor?
  /// How often the value was changed.
  var version = 0
  /// Whether some plan reads or changes it.
  fileprivate(set) var isUsed = false

  init(_ value: LazyTensor) {
    shape = value.shape
    given = value
  }

  /// The place where plans change the value, in the given form if there is none yet.
  func place(in form: Form) throws(EngineError) -> Place {
    if let place { return place }
    let made = try Place(form, shape)
    if let given { write(given, to: made) }
    place = made
    given = nil
    return made
  }

  var tensor: Tensor {
    if let given { return given.tensor }
    return Tensor(shape) { target in
      if let start = target.baseAddress { read(into: start, threads: 1) }
    }
  }

  /// Copies the value, in row-major order.
  func read(into target: UnsafeMutablePointer<Float>, threads: Int) {
    if let place {
      let source = place.address
      if place.form == .plain {
        target.update(from: source.assumingMemoryBound(to: Float.self), count: shape.count)
      } else if !reorder(source, place.descriptor, to: target, place.plain) {
        // Every place lies within the memory that the descriptor takes.
        let values = source.assumingMemoryBound(to: Float.self)
        place.descriptor.forEachPlace { index, place in target[index] = values[place] }
      }
    } else if let given {
      ParallelWork { part, parts in
        let elements = share(given.count, part: part, parts: parts, grain: 16)
        given.read(elements, into: target + elements.lowerBound)
      }.run(threads: given.count < Self.smallCount ? 1 : threads)
    }
  }

  /// Fewer elements are copied by one thread.
  private static let smallCount = 1 << 16

  func set(_ value: LazyTensor) {
    precondition(value.shape == shape, "expected a value of \(shape), received \(value.shape)")
    if let place { write(value, to: place) } else { given = value }
    version += 1
  }

  private func write(_ value: LazyTensor, to place: Place) {
    let target = place.address.assumingMemoryBound(to: Float.self)
    if place.form == .plain { return value.read(0..<value.count, into: target) }
    value.tensor.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress,
        !reorder(UnsafeMutableRawPointer(mutating: base), place.plain, to: target, place.descriptor)
      else { return }
      // Every place lies within the memory that the descriptor takes.
      place.descriptor.forEachPlace { index, place in target[place] = source[index] }
    }
  }

  /// Lets oneDNN copy between two orders; false where it cannot, as where there is no memory left.
  private func reorder(
    _ source: UnsafeMutableRawPointer, _ from: MemoryDescriptor,
    to target: UnsafeMutablePointer<Float>, _ to: MemoryDescriptor
  ) -> Bool {
    do throws(EngineError) {
      let primitive = try Primitive(try PrimitiveDescriptor(reorder: from, to: to))
      let scratch = try Memory(byteCount: primitive.scratchpad.byteCount)
      try primitive.bind(.source, from, source)
      try primitive.bind(.destination, to, UnsafeMutableRawPointer(target))
      try primitive.bind(.scratchpad, primitive.scratchpad, scratch.address)
      try primitive.run()
      return true
    } catch { return false }
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

  func run() { variable.read(into: target, threads: threads) }
}
