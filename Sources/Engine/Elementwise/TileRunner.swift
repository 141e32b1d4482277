import LoopInterface

/// Runs a tile program over memory.
final class TileRunner {
  /// Floats in a tile: eight of them fit the first-level cache.
  static let tileSize = 1024

  private let program: TileProgram
  private let inputs: [UnsafeMutableRawPointer]
  private let outputs: [UnsafeMutableRawPointer]
  private let loops: TensorLoops
  /// How many threads are worth waking.
  let threads: Int
  /// For each thread the registers, then one tile for results on their way out.
  private let registers: UnsafeMutablePointer<Float>
  private let registersPerThread: Int
  /// For each register the output that it goes to without a detour, or −1.
  private var outputOfRegister: [Int]

  init(
    _ program: TileProgram, inputs: [UnsafeMutableRawPointer], outputs: [UnsafeMutableRawPointer],
    loops: TensorLoops, threads: Int
  ) {
    self.program = program
    self.inputs = inputs
    self.outputs = outputs
    self.loops = loops
    self.threads = program.count * program.links.count < 16_384 ? 1 : threads
    registersPerThread = program.registerCount * Self.tileSize
    registers = .allocate(capacity: registersPerThread * self.threads)
    registers.initialize(repeating: 0, count: registersPerThread * self.threads)
    for thread in 0..<self.threads {
      for (register, value) in program.numbers {
        let start = registers + thread * registersPerThread + register * Self.tileSize
        start.update(repeating: value, count: Self.tileSize)
      }
    }
    outputOfRegister = [Int](repeating: -1, count: program.registerCount)
    if program.element == .float32 && program.padding == nil {
      for (output, register) in program.results.enumerated() { outputOfRegister[register] = output }
    }
  }

  deinit { registers.deallocate() }

  // All addresses below lie within the inputs' and outputs' buffers, whose sizes the iteration
  // space gives, or within this thread's registers.

  func run(part: Int, parts: Int) {
    let mine = registers + part * registersPerThread
    for index in program.inputs.indices where program.inputs[index].isScalar {
      let input = program.inputs[index]
      let value: Float
      if input.element == .float32 {
        value = inputs[index].load(as: Float.self)
      } else {
        value = Float(bitPattern: UInt32(inputs[index].load(as: UInt16.self)) << 16)
      }
      (mine + input.register * Self.tileSize).update(repeating: value, count: Self.tileSize)
    }
    var start = share(program.count, part: part, parts: parts, grain: Self.tileSize).lowerBound
    let end = share(program.count, part: part, parts: parts, grain: Self.tileSize).upperBound
    while start < end {
      let count = min(Self.tileSize, end - start)
      tile(start, count, mine)
      start += count
    }
  }

  private func tile(_ start: Int, _ count: Int, _ mine: UnsafeMutablePointer<Float>) {
    program.inputs.withUnsafeBufferPointer { descriptions in
      for index in descriptions.indices where !descriptions[index].isScalar {
        load(index, descriptions[index], start, count, mine)
      }
    }
    for link in program.links {
      let a = source(link.sources[0], start, mine)
      let b = link.sources.count > 1 ? source(link.sources[1], start, mine) : a
      let c = link.sources.count > 2 ? source(link.sources[2], start, mine) : a
      loops.tile(
        link.operation, register(link.register, start, mine), a, b, c, count, link.p, link.q)
    }
    for (output, register) in program.results.enumerated() where outputOfRegister[register] < 0 {
      store(mine + register * Self.tileSize, output, start, count)
    }
  }

  /// Brings repeated or converted inputs into their register.
  private func load(
    _ index: Int, _ input: TileProgram.Input, _ start: Int, _ count: Int,
    _ mine: UnsafeMutablePointer<Float>
  ) {
    let target = mine + input.register * Self.tileSize
    if input.isContiguous {
      guard input.element == .bfloat16 else { return }
      loops.widen(target, inputs[index].assumingMemoryBound(to: UInt16.self) + start, count)
      return
    }
    if input.element == .float32 {
      let base = inputs[index].assumingMemoryBound(to: Float.self)
      spread(input.strides, start, count) {
        base[$0]
      } run: { position, offset, length in
        (target + position).update(from: base + offset, count: length)
      } fill: { position, value, length in
        (target + position).update(repeating: value, count: length)
      }
    } else {
      let base = inputs[index].assumingMemoryBound(to: UInt16.self)
      spread(input.strides, start, count) {
        Float(bitPattern: UInt32(base[$0]) << 16)
      } run: {
        position, offset, length in
        self.loops.widen(target + position, base + offset, length)
      } fill: { position, value, length in
        (target + position).update(repeating: value, count: length)
      }
    }
  }

  /// Walks `count` places of the iteration space from `start` on, run by run along the last extent.
  @inline(__always)
  private func spread(
    _ strides: [Int], _ start: Int, _ count: Int, value: (Int) -> Float,
    run: (_ position: Int, _ offset: Int, _ length: Int) -> Void,
    fill: (_ position: Int, _ value: Float, _ length: Int) -> Void
  ) {
    let extents = program.extents
    let last = extents.count - 1
    let (inner, innerStride) = (extents[last], strides[last])
    var position = 0
    while position < count {
      var rest = start + position
      let column = rest % inner
      rest /= inner
      var offset = column * innerStride
      for axis in (0..<last).reversed() {
        offset += rest % extents[axis] * strides[axis]
        rest /= extents[axis]
      }
      let length = min(inner - column, count - position)
      switch innerStride {
      case 0: fill(position, value(offset), length)
      case 1: run(position, offset, length)
      default:
        for i in 0..<length { fill(position + i, value(offset + i * innerStride), 1) }
      }
      position += length
    }
  }

  private func source(
    _ source: TileProgram.Source, _ start: Int, _ mine: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    switch source {
    case .register(let register): return UnsafePointer(self.register(register, start, mine))
    case .input(let index):
      let input = program.inputs[index]
      if input.isContiguous && !input.isScalar && input.element == .float32 {
        return UnsafePointer(inputs[index].assumingMemoryBound(to: Float.self) + start)
      }
      return UnsafePointer(mine + input.register * Self.tileSize)
    }
  }

  private func register(
    _ register: Int, _ start: Int, _ mine: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    let output = outputOfRegister[register]
    guard output >= 0 else { return mine + register * Self.tileSize }
    return outputs[output].assumingMemoryBound(to: Float.self) + start
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
