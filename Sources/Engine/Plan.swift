import Files
import Graphs
import Loops
import Tensors

/// A graph made ready to run: a list of steps over memory whose places are decided beforehand.
/// Running allocates nothing.
///
/// The same variables, inputs, seed and number of threads give the same bits. A plan and all that
/// share its variables belong to one thread.
public final class Plan {
  private struct Entry {
    let step: any Step
    let planned: PlannedStep
    /// The place in the profile.
    let number: Int
  }

  private let program: Program
  private var constantSteps: [Entry] = []
  private var entries: [Entry] = []
  private let threads: Int
  /// Looked at between the steps of a run: first that of the options.
  package var cancellation: Cancellation?
  private let profile: Profiler.Record?
  private let arena: Memory
  private let own: Memory
  /// What the prologue made for all runs.
  private let constants: Memory
  private let constantBytes: Int
  private let isTwin: Bool
  private let random: RandomState
  private let unchanged: [StoredVariable]
  private let assigned: [StoredVariable]
  private let used: [(name: String, variable: StoredVariable)]
  private let bufferSizes: [Int]
  /// What the buffers of values hold; nil for those of other things.
  private let bufferElements: [Element?]
  /// The versions of unchanged variables that the prologue saw; nil before its first run.
  private var seenVersions: [Int]?
  private let addresses: Addresses
  private let outputBuffers: [ValueID: BufferID]
  private let inputBuffers: [ValueID: BufferID]

  /// Makes a plan.
  ///
  /// - Parameters:
  ///   - outputs: the nodes that can be read after a run.
  ///   - assignments: which of the graph's assignments each run ends with.
  ///   - variables: where the values of the graph's variables lie.
  ///   - random: what dropout and random inputs draw from.
  ///   - twin: a plan of the same graph with the same options and variables that has run. What it made of them
  ///     once for all runs is read here, too: the two may run at the same time, on a thread each, as long as
  ///     nobody changes the variables.
  /// - Throws: where an operation or option is not supported, or a variable has no value.
  public init(
    _ graph: Graph, outputs: [Node], assignments: AssignmentSelection = .all,
    variables: VariableStore,
    random: RandomSource = RandomSource(seed: 0), options: PlanOptions = PlanOptions(),
    twin: Plan? = nil
  ) throws(EngineError) {
    threads = max(1, min(options.threads ?? availableThreads, maxThreads))
    setTeamSize(threads)
    cancellation = options.cancellation
    if options.precision == .bfloat16 && !Processor.supportsBFloat16 {
      throw .unavailable(
        "this processor does not support bfloat16 (AVX-512 BF16); use fp32")
    }
    let loops = try tensorLoops()
    var program = try Program(
      graph, outputs: outputs, assignments: assignments.chosen(from: graph))
    program.optimize(options)
    self.program = program
    self.random = RandomState(random)

    let lowering = Lowering(
      program, options: options, threads: threads, loops: loops, random: self.random,
      store: variables)
    try lowering.run()

    var outputBuffers: [ValueID: BufferID] = [:]
    for value in program.outputs {
      let buffer = try lowering.plain(value)
      lowering.keep(buffer)
      outputBuffers[value] = buffer
    }
    self.outputBuffers = outputBuffers
    var inputBuffers: [ValueID: BufferID] = [:]
    for (value, description) in program.values.enumerated() {
      guard case .input = description.source else { continue }
      inputBuffers[value] = try lowering.operandForm(of: value, wanted: .plain).buffer
    }
    self.inputBuffers = inputBuffers

    let layout = BufferLayout(lowering, sharesMemory: options.optimizes)
    own = try Memory(byteCount: layout.ownBytes)
    arena = try Memory(byteCount: layout.arenaBytes + layout.scratchBytes)
    if let twin {
      precondition(twin.constantBytes == layout.constantBytes, "twins have the same constants")
      (constants, seenVersions) = (twin.constants, twin.seenVersions)
    } else {
      constants = try Memory(byteCount: layout.constantBytes)
    }
    (constantBytes, isTwin) = (layout.constantBytes, twin != nil)
    let addresses = layout.addresses(own: own, constants: constants, arena: arena)
    self.addresses = addresses
    for (buffer, tensor) in lowering.initialContents {
      tensor.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        addresses[buffer].copyMemory(from: base, byteCount: source.count * 4)
      }
    }
    profile = options.profiler?.record(lowering.steps)
    for (number, planned) in lowering.steps.enumerated() {
      let entry = Entry(step: try planned.bind(addresses), planned: planned, number: number)
      if planned.isConstant { constantSteps.append(entry) } else { entries.append(entry) }
    }
    bufferSizes = lowering.buffers.map(\.byteCount)
    bufferElements = lowering.bufferElements
    used = lowering.used.sorted { $0.key < $1.key }.map { value, variable in
      if case .variable(let description) = program.values[value].source {
        return (description.name, variable)
      }
      return ("", variable)
    }
    assigned = program.assignments.compactMap { lowering.used[$0.variable] }
    let changing = Set(program.assignments.map(\.variable))
    unchanged = lowering.used.filter { !changing.contains($0.key) }.sorted { $0.key < $1.key }
      .map(\.value)
  }

  /// How many runs went before this plan's first one; random operations draw by the number of the
  /// run. Set it to go on where a stopped training was.
  public var completedRuns: Int {
    get { random.run }
    set { random.run = newValue }
  }

  /// Fills all memory that holds nothing between runs with NaN, of either format, so that a test sees
  /// what is read without having been written.
  package func poison() {
    arena.address.initializeMemory(as: UInt8.self, repeating: 0xFF, count: arena.byteCount)
    for buffer in outputBuffers.values {
      addresses[buffer].initializeMemory(
        as: UInt8.self, repeating: 0xFF, count: bufferSizes[buffer])
    }
    seenVersions = nil
  }

  /// Bytes of all memory that the plan has for itself: what it reads of a twin's is the twin's.
  public var memoryByteCount: Int {
    own.byteCount + arena.byteCount + (isTwin ? 0 : constants.byteCount)
  }

  // MARK: - Running

  /// Computes all outputs, then gives assigned variables their new values.
  ///
  /// - Throws: ``EngineError/cancelled``, too; outputs, and variables that have been assigned, then hold nothing of use.
  public func run() throws(EngineError) {
    setTeamSize(threads)
    if areConstantsStale {
      for entry in constantSteps { try run(entry) }
      seenVersions = unchanged.map(\.version)
    }
    for entry in entries { try run(entry) }
    for variable in assigned { variable.version &+= 1 }
    random.run += 1
  }

  private var areConstantsStale: Bool {
    guard !constantSteps.isEmpty else { return false }
    guard let seenVersions else { return true }
    for index in unchanged.indices where unchanged[index].version != seenVersions[index] {
      return true
    }
    return false
  }

  private func run(_ entry: Entry) throws(EngineError) {
    if cancellation?.isCancelled == true { throw .cancelled }
    guard let profile else { return try entry.step.run() }
    let start = MonotonicClock.nanoseconds
    try entry.step.run()
    profile.add(entry.number, nanoseconds: MonotonicClock.nanoseconds - start)
  }

  // MARK: - Searching

  /// The values that a run begins with.
  var givenValues: [(label: String?, kind: String, values: UnsafePointer<Float>, count: Int)] {
    let inputs = inputBuffers.sorted { $0.key < $1.key }.map { value, buffer in
      (
        label: program.values[value].label, kind: "input",
        values: UnsafePointer(addresses.floats(buffer)), count: program.shape(value).count
      )
    }
    // Variables that the prologue copies are looked at there.
    let variables = used.compactMap { name, variable in
      variable.place.map { place in
        (
          label: Optional(name), kind: "variable",
          values: UnsafePointer(place.address.assumingMemoryBound(to: Float.self)),
          count: place.byteCount / 4
        )
      }
    }
    return inputs + variables
  }

  /// Runs all steps, each followed by `test` of what it wrote, up to the first that fails it.
  func searchSteps(
    _ test: (UnsafeMutableRawPointer, _ byteCount: Int, Element) -> String?
  ) throws(EngineError) -> NonFiniteReport? {
    setTeamSize(threads)
    for entry in constantSteps + entries {
      try entry.step.run()
      for buffer in entry.planned.writes {
        guard let element = bufferElements[buffer] else { continue }
        if let value = test(addresses[buffer], bufferSizes[buffer], element) {
          return NonFiniteReport(
            label: entry.planned.label, operation: entry.planned.name, value: value)
        }
      }
    }
    return nil
  }

  // MARK: - Inputs and outputs

  /// Lets `body` write an input in place, in row-major order. It keeps its value until changed.
  ///
  /// - Throws: where the plan does not read that node.
  public func withInput<Result>(
    _ node: Node, _ body: (UnsafeMutableBufferPointer<Float>) -> Result
  ) throws(EngineError) -> Result {
    guard let value = program.valueOfNode[node.id], let buffer = inputBuffers[value] else {
      throw .mismatch("the node is not an input of this plan")
    }
    return body(
      UnsafeMutableBufferPointer(start: addresses.floats(buffer), count: node.shape.count))
  }

  /// Whether running reads the given input.
  public func reads(_ node: Node) -> Bool {
    program.valueOfNode[node.id].map { inputBuffers[$0] != nil } ?? false
  }

  /// Copies a tensor into an input.
  ///
  /// - Throws: where the plan does not read that node or the shapes differ.
  public func setInput(_ node: Node, _ tensor: Tensor) throws(EngineError) {
    guard tensor.shape == node.shape else {
      throw .mismatch("input: expected \(node.shape), received \(tensor.shape)")
    }
    try withInput(node) { target in
      tensor.withUnsafeBufferPointer { source in _ = target.update(fromContentsOf: source) }
    }
  }

  /// Lets `body` read an output of the last run in place, in row-major order.
  ///
  /// - Throws: where the plan was not made with that output.
  public func withOutput<Result>(
    _ node: Node, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) throws(EngineError) -> Result {
    guard let value = program.valueOfNode[node.id], let buffer = outputBuffers[value] else {
      throw .mismatch("the node is not an output of this plan")
    }
    return body(UnsafeBufferPointer(start: addresses.floats(buffer), count: node.shape.count))
  }

  /// A copy of an output of the last run.
  ///
  /// - Throws: where the plan was not made with that output.
  public func output(_ node: Node) throws(EngineError) -> Tensor {
    try withOutput(node) { Tensor(node.shape, Array($0)) }
  }
}
