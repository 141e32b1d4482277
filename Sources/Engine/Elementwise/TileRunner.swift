import LoopInterface

/// Runs a tile program over memory.
///
/// Each thread has its steps with all addresses resolved, as plain values: nothing is counted,
/// looked up or allocated while tiles run.
final class TileRunner {
  /// Floats in a tile: the registers of a few steps fit the first-level cache.
  static let tileSize = 2048

  /// A place of which each tile takes its own part, or which is the same for all tiles.
  private struct Place {
    let base: UnsafeMutablePointer<Float>
    /// 1 where it moves with the tiles, else 0.
    let step: Int

    func at(_ start: Int) -> UnsafeMutablePointer<Float> { base + start &* step }
  }

  private struct Step {
    let operation: TileOperation
    let output, a, b, c: Place
    let p, q: Float
  }

  private let program: TileProgram
  private let inputs: [UnsafeMutableRawPointer]
  private let outputs: [UnsafeMutableRawPointer]
  private let loops: TensorLoops
  /// How many threads are worth waking.
  let threads: Int
  private let registers: Scratch
  private let registersPerThread: Int
  /// For each thread all steps.
  private let steps: UnsafeMutableBufferPointer<Step>
  /// Inputs that are brought into a register for each tile.
  private let loaded: [Int]
  /// Results that leave a register for each tile.
  private let stored: [(output: Int, register: Int)]

  init(
    _ program: TileProgram, inputs: [UnsafeMutableRawPointer], outputs: [UnsafeMutableRawPointer],
    loops: TensorLoops, threads: Int
  ) {
    self.program = program
    self.inputs = inputs
    self.outputs = outputs
    self.loops = loops
    let used = program.count * program.steps.count < 16_384 ? 1 : threads
    self.threads = used
    registersPerThread = program.registerCount * Self.tileSize
    registers = Scratch(floats: registersPerThread * used)
    loaded = program.inputs.indices.filter {
      !program.inputs[$0].isScalar && !program.inputs[$0].isDirect
    }
    let isDirect = program.element == .float32 && program.padding == nil
    let results = program.results.enumerated().map { (output: $0, register: $1) }
    // A result that leaves directly for one output may leave for a second one only as a copy.
    var direct: [Int: Int] = [:]
    for result in results where isDirect && direct[result.register] == nil {
      direct[result.register] = result.output
    }
    stored = results.filter { direct[$0.register] != $0.output }
    steps = .allocate(capacity: used * program.steps.count)
    for thread in 0..<used {
      let mine = registers.address + thread * registersPerThread
      for (register, value) in program.numbers {
        (mine + register * Self.tileSize).update(repeating: value, count: Self.tileSize)
      }
      func register(_ index: Int) -> Place {
        if let output = direct[index] {
          return Place(base: outputs[output].assumingMemoryBound(to: Float.self), step: 1)
        }
        return Place(base: mine + index * Self.tileSize, step: 0)
      }
      func place(_ source: TileProgram.Source) -> Place {
        switch source {
        case .register(let index): return register(index)
        case .input(let index):
          let input = program.inputs[index]
          if input.isDirect {
            return Place(base: inputs[index].assumingMemoryBound(to: Float.self), step: 1)
          }
          return Place(base: mine + input.register * Self.tileSize, step: 0)
        }
      }
      for (index, step) in program.steps.enumerated() {
        let sources = step.sources.map(place)
        steps.initializeElement(
          at: thread * program.steps.count + index,
          to: Step(
            operation: step.operation, output: register(step.register), a: sources[0],
            b: sources.count > 1 ? sources[1] : sources[0],
            c: sources.count > 2 ? sources[2] : sources[0], p: step.p, q: step.q))
      }
    }
  }

  deinit { steps.deallocate() }

  // All addresses below lie within the inputs' and outputs' buffers, whose sizes the iteration
  // space gives, or within this thread's registers.

  func run(part: Int, parts: Int) {
    let range = share(program.count, part: part, parts: parts, grain: Self.tileSize)
    let mine = registers.address + part * registersPerThread
    for index in program.inputs.indices where program.inputs[index].isScalar {
      fillScalar(index, mine)
    }
    let count = program.steps.count
    let own = UnsafeBufferPointer(rebasing: steps[part * count..<(part + 1) * count])
    let tile = loops.tile
    var start = range.lowerBound
    while start < range.upperBound {
      let length = min(Self.tileSize, range.upperBound - start)
      for index in loaded { load(index, start, length, mine) }
      for step in own {
        tile(
          step.operation, step.output.at(start), step.a.at(start), step.b.at(start),
          step.c.at(start), length, step.p, step.q)
      }
      for (output, register) in stored {
        store(mine + register * Self.tileSize, output, start, length)
      }
      start += length
    }
  }

  private func fillScalar(_ index: Int, _ mine: UnsafeMutablePointer<Float>) {
    let input = program.inputs[index]
    var value: Float = 0
    if input.element == .float32 {
      value = inputs[index].load(as: Float.self)
    } else {
      loops.widen(&value, inputs[index].assumingMemoryBound(to: UInt16.self), 1)
    }
    (mine + input.register * Self.tileSize).update(repeating: value, count: Self.tileSize)
  }

  /// Brings a repeated or converted input into its register.
  private func load(
    _ index: Int, _ start: Int, _ count: Int, _ mine: UnsafeMutablePointer<Float>
  ) {
    let input = program.inputs[index]
    let target = mine + input.register * Self.tileSize
    if input.element == .float32 {
      spread(inputs[index].assumingMemoryBound(to: Float.self), input.strides, start, count, target)
      return
    }
    let narrow = inputs[index].assumingMemoryBound(to: UInt16.self)
    if input.isContiguous {
      loops.widen(target, narrow + start, count)
    } else {
      for i in 0..<count {
        loops.widen(target + i, narrow + offset(start + i, input.strides).offset, 1)
      }
    }
  }

  /// Where a place of the iteration space lies in an input, and how far along each of the last two
  /// extents it is.
  private func offset(_ place: Int, _ strides: [Int]) -> (offset: Int, column: Int, row: Int) {
    var (rest, offset, column, row) = (place, 0, 0, 0)
    let last = program.extents.count - 1
    for axis in (0...last).reversed() {
      let position = rest % program.extents[axis]
      rest /= program.extents[axis]
      offset += position * strides[axis]
      if axis == last { column = position }
      if axis == last - 1 { row = position }
    }
    return (offset, column, row)
  }

  /// Lays `count` places of a repeated input side by side, run by run along the last extent.
  private func spread(
    _ base: UnsafeMutablePointer<Float>, _ strides: [Int], _ start: Int, _ count: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let last = program.extents.count - 1
    let (inner, step) = (program.extents[last], strides[last])
    let rows = last > 0 && strides[last - 1] == 0 ? program.extents[last - 1] : 0
    var position = 0
    while position < count {
      let (offset, column, row) = offset(start + position, strides)
      let length = min(inner - column, count - position)
      let run = target + position
      switch step {
      case 0: run.update(repeating: base[offset], count: length)
      case 1: run.update(from: base + offset, count: length)
      default: for i in 0..<length { run[i] = base[offset + i * step] }
      }
      position += length
      guard rows > 0, column == 0, length == inner else { continue }
      // The rows after this one are the same: what is there is doubled until they are full.
      let whole = min(rows - row, (count - position) / inner + 1) * inner
      var filled = inner
      while filled < whole {
        let more = min(filled, whole - filled)
        (run + filled).update(from: run, count: more)
        filled += more
      }
      position += whole - inner
    }
  }

  private func store(
    _ values: UnsafeMutablePointer<Float>, _ output: Int, _ start: Int, _ count: Int
  ) {
    clearPadding(values, start, count)
    if program.element == .float32 {
      (outputs[output].assumingMemoryBound(to: Float.self) + start).update(
        from: values, count: count)
    } else {
      loops.narrow(outputs[output].assumingMemoryBound(to: UInt16.self) + start, values, count)
    }
  }

  /// oneDNN relies on zeros in the channels that fill up the last block.
  private func clearPadding(_ values: UnsafeMutablePointer<Float>, _ start: Int, _ count: Int) {
    guard let padding = program.padding else { return }
    for pixel in stride(from: 0, to: count, by: padding.block) {
      let block = (start + pixel) / padding.blockRun % padding.blocks
      guard block == padding.blocks - 1 else { continue }
      for lane in padding.used..<padding.block { values[pixel + lane] = 0 }
    }
  }
}
