import Graphs
import LoopInterface
import Tensors

/// Turns a program's instructions into steps, one after the other, and keeps account of where each
/// value lies and in which forms.
final class Lowering {
  let program: Program
  let options: PlanOptions
  let threads: Int
  let loops: TensorLoops
  let random: RandomState
  private let store: VariableStore
  private let assigned: Set<ValueID>

  private var table = Buffers()
  private(set) var steps: [PlannedStep] = []
  /// The variables that prologue steps depend on.
  private(set) var used: [ValueID: StoredVariable] = [:]
  /// Where a forward step left what its backward step needs (places of maxima, signs).
  var workspaces: [AnyHashable: (BufferID, MemoryDescriptor)] = [:]
  private var forms: [ValueID: [(form: Form, buffer: BufferID)]] = [:]
  private var constants: [(BufferID, Tensor)] = []
  private var label: String?
  /// Values that were written to their variables by their own step.
  private(set) var written: Set<ValueID> = []

  /// The parameter that an optimizer updates with each gradient.
  let parameterOfGradient: [ValueID: ValueID]
  /// Whether some weights are trained, so that their order must suit the way back as well.
  let trains: Bool
  /// Whether some convolutions are in groups.
  let hasGroups: Bool

  init(
    _ program: Program, options: PlanOptions, threads: Int, loops: TensorLoops,
    random: RandomState, store: VariableStore
  ) {
    self.program = program
    self.options = options
    self.threads = threads
    self.loops = loops
    self.random = random
    self.store = store
    assigned = Set(program.assignments.map(\.variable))
    var parameters: [ValueID: ValueID] = [:]
    for instruction in program.instructions where instruction.operation is OptimizerUpdate {
      parameters[instruction.inputs[1]] = instruction.inputs[0]
    }
    parameterOfGradient = parameters
    trains = program.instructions.contains {
      $0.operation is ConvolutionWeightGradient || $0.operation is FusedWeightGradient
    }
    hasGroups = program.instructions.contains {
      ($0.operation as? FusedConvolution)?.convolution.groups ?? 1 > 1
        || ($0.operation as? Convolution)?.groups ?? 1 > 1
    }
  }

  /// The element type of images inside the plan.
  var imageElement: Element { options.precision == .bfloat16 ? .bfloat16 : .float32 }

  var buffers: [Buffer] { table.all }

  var initialContents: [(BufferID, Tensor)] { constants }

  func shape(_ value: ValueID) -> Shape { program.shape(value) }

  // MARK: - The whole program

  func run() throws(EngineError) {
    for instruction in program.instructions {
      label = instruction.label
      do throws(EngineError) {
        try instruction.operation.lower(instruction, in: self)
      } catch .unsupported(let what) {
        throw .unsupported(instruction.label.map { "\($0): \(what)" } ?? what)
      }
    }
    label = nil
    for assignment in program.assignments where !written.contains(assignment.value) {
      try assign(assignment.variable, assignment.value)
    }
  }

  private func assign(_ variable: ValueID, _ value: ValueID) throws(EngineError) {
    let target = try operandForm(of: variable, wanted: try form(of: value))
    let source = try operand(value, in: target.form)
    let count = buffers[target.buffer].byteCount
    emit(
      "assign", reads: [source], writes: [target.buffer]
    ) { addresses in
      let (from, to) = (addresses[source], addresses[target.buffer])
      return LoopStep { to.copyMemory(from: from, byteCount: count) }
    }
  }

  // MARK: - Where values lie

  /// The form that a value was computed or is stored in; a variable without one takes `wanted`.
  func form(of value: ValueID, wanted: Form = .plain) throws(EngineError) -> Form {
    try operandForm(of: value, wanted: wanted).form
  }

  /// Whether it is decided where the value lies.
  func isPlaced(_ value: ValueID) -> Bool {
    if case .variable(let variable) = program.values[value].source {
      return forms[value] != nil || store.hasPlaced(variable.name)
    }
    return true
  }

  /// A value under an aligned shape N × C × H × W, in the order of images.
  func reordered(
    _ value: ValueID, as view: Shape, _ layout: Layout
  ) throws(EngineError) -> BufferID {
    let form = Form(layout: layout, element: .float32)
    return try reordered(
      try plain(value), from: try Form.plain.descriptor(view), to: try form.descriptor(view)
    )
  }

  /// A value in the form it has; a variable that has none yet takes the wanted one.
  func operandForm(
    of value: ValueID, wanted: Form
  ) throws(EngineError) -> (form: Form, buffer: BufferID) {
    if let known = forms[value]?.first { return known }
    let made: (form: Form, buffer: BufferID)
    switch program.values[value].source {
    case .variable(let variable):
      let stored = try store.use(variable)
      used[value] = stored
      if assigned.contains(value) || stored.place != nil {
        let place = try stored.place(in: Self.storable(wanted))
        let buffer = table.add(
          place.byteCount, .variable(place), isConstant: !assigned.contains(value))
        made = (place.form, buffer)
      } else {
        made = (.plain, read(stored, named: variable.name))
      }
    case .constant(let tensor):
      made = (.plain, table.add(max(1, tensor.count) * 4, .own, isConstant: true))
      constants.append((made.buffer, tensor))
    case .input:
      made = (.plain, table.add(shape(value).count * 4, .own, isConstant: false))
    case .computed:
      throw .mismatch("a value is read before it is computed")
    }
    forms[value] = [made]
    return made
  }

  /// A copy of a variable's value that the prologue makes.
  private func read(_ variable: StoredVariable, named name: String) -> BufferID {
    let buffer = newBuffer(max(1, variable.shape.count) * 4)
    let reader = label
    label = name
    emit("variable", reads: [], writes: [buffer]) { [threads] addresses in
      VariableReading(variable, into: addresses.floats(buffer), threads: threads)
    }
    label = reader
    return buffer
  }

  /// The form in which to store a variable that is wanted in some form: floats, and not in an order
  /// that oneDNN made up for one algorithm.
  private static func storable(_ wanted: Form) -> Form {
    if case .foreign(let order) = wanted.layout {
      guard order.isBlocked, order.element == .float32 else { return .plain }
    }
    return Form(layout: wanted.layout, element: .float32)
  }

  /// A value in a given form, converted once for all who ask.
  func operand(_ value: ValueID, in form: Form) throws(EngineError) -> BufferID {
    let primary = try operandForm(of: value, wanted: form)
    if let known = forms[value]?.first(where: { $0.form == form }) { return known.buffer }
    func reordered(_ buffer: BufferID, in source: Form) throws(EngineError) -> BufferID {
      try self.reordered(
        buffer, from: try source.descriptor(shape(value), alongside: form),
        to: try form.descriptor(shape(value), alongside: source))
    }
    let buffer: BufferID
    do throws(EngineError) {
      buffer = try reordered(primary.buffer, in: primary.form)
    } catch .unsupported where primary.form != .plain && form != .plain {
      // From the order of one algorithm to that of another oneDNN may know no direct way.
      buffer = try reordered(try plain(value), in: .plain)
    }
    forms[value]?.append((form, buffer))
    return buffer
  }

  /// A value in plain order as floats.
  func plain(_ value: ValueID) throws(EngineError) -> BufferID {
    try operand(value, in: .plain)
  }

  /// A value in the order that a primitive asks for.
  func operand(
    _ value: ValueID, as descriptor: MemoryDescriptor
  ) throws(EngineError) -> BufferID {
    try operand(value, in: try Form(descriptor, shape: shape(value)))
  }

  private func reordered(
    _ buffer: BufferID, from: MemoryDescriptor, to: MemoryDescriptor
  ) throws(EngineError) -> BufferID {
    let primitive = try Primitive(try PrimitiveDescriptor(reorder: from, to: to))
    let result = newBuffer(to.byteCount)
    emit(
      "reorder", primitive, reads: [(.source, from, buffer)], writes: [(.destination, to, result)])
    return result
  }

  /// Says in which form and buffer a value is computed.
  @discardableResult
  func define(_ value: ValueID, _ form: Form) throws(EngineError) -> BufferID {
    define(value, form, newBuffer(try form.byteCount(shape(value))))
  }

  @discardableResult
  func define(_ value: ValueID, _ form: Form, _ buffer: BufferID) -> BufferID {
    forms[value] = [(form, buffer)]
    return buffer
  }

  /// Says that a value lies in the variable it is assigned to.
  func defineInVariable(_ value: ValueID, _ form: Form, _ buffer: BufferID) {
    define(value, form, buffer)
    written.insert(value)
  }

  /// What each buffer that holds a value consists of.
  var bufferElements: [Element?] {
    var elements = [Element?](repeating: nil, count: buffers.count)
    for (form, buffer) in forms.values.joined() { elements[buffer] = form.element }
    return elements
  }

  /// Whether a buffer's contents are made once and read in every run.
  func isConstant(_ buffer: BufferID) -> Bool { table.isConstant(buffer) }

  /// A copy of a buffer that may be overwritten.
  func copied(_ source: BufferID) -> BufferID {
    let count = buffers[source].byteCount
    let target = newBuffer(count)
    emit("copy", reads: [source], writes: [target]) { addresses in
      let (from, to) = (addresses[source], addresses[target])
      return LoopStep { to.copyMemory(from: from, byteCount: count) }
    }
    return target
  }

  /// Memory of a step's own, such as a workspace.
  func newBuffer(_ byteCount: Int) -> BufferID {
    table.add(byteCount, .arena, isConstant: false)
  }

  /// Keeps a buffer's place for itself, so that it can be read after a run.
  func keep(_ buffer: BufferID) { table.keep(buffer) }

  // MARK: - Steps

  func emit(
    _ name: String, implementation: String = "loop", multiplyAdds: Int? = nil,
    reads: [BufferID], writes: [BufferID], scratchBytes: Int = 0,
    inPlace: (output: BufferID, inputs: [BufferID])? = nil, isRandom: Bool = false,
    _ bind: @escaping (Addresses) throws(EngineError) -> any Step
  ) {
    let isConstant = !isRandom && table.isConstant(reading: reads, writing: writes)
    if isConstant { for buffer in writes { table.makeConstant(buffer) } }
    steps.append(
      PlannedStep(
        label: label, name: name, implementation: implementation, multiplyAdds: multiplyAdds,
        reads: reads, writes: writes, scratchBytes: scratchBytes, isConstant: isConstant,
        inPlace: inPlace, bind: bind))
  }

  func emit(
    _ name: String, _ primitive: Primitive, multiplyAdds: Int? = nil,
    reads: [(Argument, MemoryDescriptor, BufferID)],
    writes: [(Argument, MemoryDescriptor, BufferID)],
    inPlace: (output: BufferID, inputs: [BufferID])? = nil
  ) {
    emit(
      name, implementation: primitive.implementation, multiplyAdds: multiplyAdds,
      reads: reads.map(\.2), writes: writes.map(\.2), scratchBytes: primitive.scratchpad.byteCount,
      inPlace: inPlace
    ) { (addresses) throws(EngineError) in
      for (argument, descriptor, buffer) in reads + writes {
        try primitive.bind(argument, descriptor, addresses[buffer])
      }
      if primitive.scratchpad.byteCount > 0 {
        try primitive.bind(.scratchpad, primitive.scratchpad, addresses.scratch)
      }
      return primitive
    }
  }
}
