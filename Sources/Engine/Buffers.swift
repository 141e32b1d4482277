/// A buffer's place in a plan.
typealias BufferID = Int

/// Memory that steps read and write.
struct Buffer {
  enum Home {
    /// In the arena, together with others that are needed at other times.
    case arena
    /// In a place of its own that lasts from run to run.
    case own
    /// Made by the prologue: lasts where later steps read it, else in the arena.
    case constant
    case variable(StoredVariable.Place)
  }
  var byteCount: Int
  var home: Home
}

/// The buffers of a plan that is being made, and which of them hold the same in every run.
struct Buffers {
  private(set) var all: [Buffer] = []
  private var constants: [Bool] = []

  subscript(buffer: BufferID) -> Buffer { all[buffer] }

  /// - Parameter isConstant: whether its contents are there before the first run and stay.
  mutating func add(_ byteCount: Int, _ home: Buffer.Home, isConstant: Bool) -> BufferID {
    all.append(Buffer(byteCount: byteCount, home: home))
    constants.append(isConstant)
    return all.count - 1
  }

  /// Whether a buffer's contents are made once and read in every run.
  func isConstant(_ buffer: BufferID) -> Bool { constants[buffer] }

  /// Whether a step that reads and writes these buffers, and nothing else, needs to run only once.
  func isConstant(reading reads: [BufferID], writing writes: [BufferID]) -> Bool {
    reads.allSatisfy { constants[$0] }
      && writes.allSatisfy { if case .variable = all[$0].home { false } else { true } }
  }

  /// Says that a buffer is written once, before all runs.
  mutating func makeConstant(_ buffer: BufferID) {
    constants[buffer] = true
    if case .arena = all[buffer].home { all[buffer].home = .constant }
  }

  /// Keeps a buffer's place for itself, so that it can be read after a run.
  mutating func keep(_ buffer: BufferID) {
    switch all[buffer].home {
    case .arena, .constant: all[buffer].home = .own
    case .own, .variable: break
    }
  }
}
