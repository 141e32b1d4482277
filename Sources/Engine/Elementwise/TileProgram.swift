import LoopInterface

/// An input of fused operations as it lies in memory.
struct TileOperand {
  let buffer: BufferID
  let element: Element
  /// Distances along the extents of the iteration space; 0 where it is repeated.
  let strides: [Int]
  /// Whether it has an element of its own for each place.
  let isWhole: Bool
}

/// Fused operations with their operands resolved: what to do for each tile.
struct TileProgram {
  /// Where a step finds an operand.
  enum Source {
    case input(Int)
    case register(Int)
  }

  struct Step {
    let operation: TileOperation
    let sources: [Source]
    let p: Float
    let q: Float
    /// The register that takes the result.
    let register: Int
  }

  /// How an input comes into a tile.
  struct Input {
    let element: Element
    /// It lies in memory just as the tile runs.
    let isContiguous: Bool
    /// One number for all.
    let isScalar: Bool
    /// Along the collapsed extents.
    let strides: [Int]
    /// Steps read it where it lies.
    var isDirect: Bool { isContiguous && !isScalar && element == .float32 }
    /// The register for values that are repeated or converted.
    let register: Int
  }

  let steps: [Step]
  let inputs: [Input]
  /// The registers that are written out.
  let results: [Int]
  /// Numbers that fill whole registers once.
  let numbers: [(register: Int, value: Float)]
  let registerCount: Int
  let count: Int
  /// The iteration space with neighboring axes joined where no operand tells them apart.
  let extents: [Int]
  let element: Element
  let padding: (block: Int, used: Int, blockRun: Int, blocks: Int)?

  init(_ fused: FusedElementwise, operands: [TileOperand], space: IterationSpace, element: Element)
  {
    count = space.count
    self.element = element
    padding = space.padding
    let (extents, strides) = Self.collapse(space.extents, operands.map(\.strides))
    self.extents = extents
    let whole = Self.contiguousStrides(extents)
    var register = 0
    func next() -> Int {
      defer { register += 1 }
      return register
    }
    inputs = operands.indices.map { index in
      Input(
        element: operands[index].element,
        isContiguous: zip(strides[index], whole).enumerated().allSatisfy {
          $1.0 == $1.1 || extents[$0] == 1
        },
        isScalar: strides[index].allSatisfy { $0 == 0 },
        strides: strides[index], register: next())
    }
    var numbers: [(register: Int, value: Float)] = []
    var registers: [Int] = []
    var steps: [Step] = []
    for step in fused.steps {
      let sources = step.operands.map { operand -> Source in
        switch operand {
        case .input(let index): return .input(index)
        case .step(let index): return .register(registers[index])
        case .number(let value):
          if let known = numbers.first(where: { $0.value.bitPattern == value.bitPattern }) {
            return .register(known.register)
          }
          numbers.append((next(), value))
          return .register(numbers[numbers.count - 1].register)
        }
      }
      registers.append(next())
      steps.append(
        Step(
          operation: step.operation, sources: sources, p: step.p, q: step.q,
          register: registers[registers.count - 1]))
    }
    self.steps = steps
    self.numbers = numbers
    results = fused.results.map { registers[$0] }
    registerCount = register
  }

  /// Joins neighboring extents along which every operand runs on without a jump.
  private static func collapse(_ extents: [Int], _ strides: [[Int]]) -> ([Int], [[Int]]) {
    var joined: [Int] = []
    var joinedStrides = strides.map { _ in [Int]() }
    for axis in extents.indices where extents[axis] != 1 {
      let canJoin =
        !joined.isEmpty
        && strides.indices.allSatisfy { index in
          (joinedStrides[index].last ?? 0) == strides[index][axis] * extents[axis]
        }
      if canJoin {
        joined[joined.count - 1] *= extents[axis]
        for index in strides.indices {
          joinedStrides[index][joined.count - 1] = strides[index][axis]
        }
      } else {
        joined.append(extents[axis])
        for index in strides.indices { joinedStrides[index].append(strides[index][axis]) }
      }
    }
    if joined.isEmpty { return ([1], strides.map { _ in [0] }) }
    return (joined, joinedStrides)
  }

  private static func contiguousStrides(_ extents: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: extents.count)
    for axis in (0..<extents.count - 1).reversed() {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }
}
