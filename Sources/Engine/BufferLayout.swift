/// Where each buffer of a plan lies.
struct BufferLayout {
  private(set) var ownBytes = 0
  private(set) var constantBytes = 0
  private(set) var arenaBytes = 0
  private(set) var scratchBytes = 0
  private let buffers: [Buffer]
  private var ownOffsets: [BufferID: Int] = [:]
  private var constantOffsets: [BufferID: Int] = [:]
  private var arenaOffsets: [BufferID: Int] = [:]
  /// A buffer that takes the place of another one.
  private var successor: [BufferID: BufferID] = [:]

  /// - Parameter sharesMemory: whether buffers that are needed at different times may overlap.
  init(_ lowering: Lowering, sharesMemory: Bool) {
    buffers = lowering.buffers
    // In the order in which they run.
    let prologue = lowering.steps.filter(\.isConstant)
    let others = lowering.steps.filter { !$0.isConstant }
    let steps = prologue + others
    scratchBytes = steps.map(\.scratchBytes).max() ?? 0
    let lasting = Self.lasting(of: buffers, in: others)
    for id in lasting.sorted() { reserve(id) }
    var lives = Self.lives(of: buffers, without: lasting, in: steps)
    guard sharesMemory else {
      for id in lives.keys.sorted() { reserve(id) }
      return
    }
    // A result may take the place of an input that nobody reads later.
    for (index, step) in steps.enumerated() {
      guard let (output, inputs) = step.inPlace, lives[output]?.lowerBound == index else {
        continue
      }
      for input in inputs {
        let place = root(input)
        guard let life = lives[place], life.upperBound == index, let own = lives[output],
          buffers[place].byteCount == buffers[output].byteCount
        else { continue }
        successor[output] = place
        lives[place] = life.lowerBound...own.upperBound
        lives[output] = nil
        break
      }
    }
    let allocation = ArenaAllocation(
      lives.map { (buffer: $0.key, byteCount: buffers[$0.key].byteCount, steps: $0.value) })
    arenaOffsets = allocation.offsets
    arenaBytes = allocation.byteCount
  }

  /// The buffers whose contents must outlast a run: those that say so, and what the prologue makes for
  /// the steps behind it.
  private static func lasting(of buffers: [Buffer], in steps: [PlannedStep]) -> Set<BufferID> {
    var lasting: Set<BufferID> = []
    for (id, buffer) in buffers.enumerated() {
      if case .own = buffer.home { lasting.insert(id) }
    }
    for step in steps {
      for id in step.reads + step.writes {
        if case .constant = buffers[id].home { lasting.insert(id) }
      }
    }
    return lasting
  }

  private static func lives(
    of buffers: [Buffer], without lasting: Set<BufferID>, in steps: [PlannedStep]
  ) -> [BufferID: ClosedRange<Int>] {
    var lives: [BufferID: ClosedRange<Int>] = [:]
    for (index, step) in steps.enumerated() {
      for buffer in step.reads + step.writes where !lasting.contains(buffer) {
        if case .variable = buffers[buffer].home { continue }
        lives[buffer] = (lives[buffer]?.lowerBound ?? index)...index
      }
    }
    return lives
  }

  private func root(_ buffer: BufferID) -> BufferID {
    var place = buffer
    while let next = successor[place] { place = next }
    return place
  }

  private mutating func reserve(_ buffer: BufferID) {
    let byteCount = (buffers[buffer].byteCount + 127) / 128 * 128
    if case .constant = buffers[buffer].home {
      constantOffsets[buffer] = constantBytes
      constantBytes += byteCount
    } else {
      ownOffsets[buffer] = ownBytes
      ownBytes += byteCount
    }
  }

  func addresses(own: Memory, constants: Memory, arena: Memory) -> Addresses {
    let scratch = arena.address + arenaBytes
    let pointers = buffers.indices.map { id -> UnsafeMutableRawPointer in
      if case .variable(let variable) = buffers[id].home { return variable.address }
      let place = root(id)
      if let offset = arenaOffsets[place] { return arena.address + offset }
      if let offset = constantOffsets[place] { return constants.address + offset }
      // Buffers that no step uses have no place; nobody asks for theirs.
      return own.address + (ownOffsets[place] ?? 0)
    }
    return Addresses(pointers, scratch: scratch)
  }
}
