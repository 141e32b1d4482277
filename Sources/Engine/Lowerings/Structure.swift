import Graphs
import Tensors

extension Reshape: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let form = try lowering.form(of: x)
    // One pixel an image: blocked channels lie as flat ones do.
    let shape = lowering.shape(x)
    if case .channelBlocked(let block) = form.layout, form.element == .float32,
      shape[1] % block == 0, shape[2] == 1, shape[3] == 1
    {
      lowering.define(y, .plain, try lowering.operand(x, in: form))
      return
    }
    // The same memory under another name.
    lowering.define(y, .plain, try lowering.plain(x))
  }
}

extension Transpose: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let strides = lowering.shape(x).strides
    let target = lowering.shape(y)
    try lowering.emitCopies(
      name, instruction,
      [
        StridedCopy(
          input: 0, extents: target.dimensions, sourceStrides: permutation.map { strides[$0] },
          targetStrides: target.strides)
      ])
  }
}

extension Slice: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let source = lowering.shape(x)
    let target = lowering.shape(y)
    // Whole blocks of an image's channels lie side by side.
    let form = try lowering.form(of: x)
    if case .channelBlocked(let block) = form.layout, takesChannels(of: source),
      source[1] % block == 0, starts[1] % block == 0, target[1] % block == 0
    {
      func count(_ channels: Int) -> Int { channels * source[2] * source[3] / form.valuesAtOnce }
      try lowering.emitCopies(
        name, instruction,
        [
          StridedCopy(
            input: 0, extents: [target[0], count(target[1])],
            sourceStrides: [count(source[1]), 1], targetStrides: [count(target[1]), 1],
            sourceOffset: count(starts[1]))
        ], form: form)
      return
    }
    try lowering.emitCopies(
      name, instruction,
      [
        StridedCopy(
          input: 0, extents: target.dimensions, sourceStrides: zip(source.strides, steps).map(*),
          targetStrides: target.strides,
          sourceOffset: zip(source.strides, starts).map(*).reduce(0, +))
      ])
  }

  /// Whether some channels of images are taken as they are.
  private func takesChannels(of source: Shape) -> Bool {
    source.rank == 4 && steps.allSatisfy { $0 == 1 }
      && [0, 2, 3].allSatisfy { starts[$0] == 0 && ends[$0] == source[$0] }
  }
}

extension SliceGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let source = lowering.shape(instruction.inputs[0])
    let strides = inputShape.strides
    try lowering.emitCopies(
      name, instruction,
      [
        StridedCopy(
          input: 0, extents: source.dimensions, sourceStrides: source.strides,
          targetStrides: zip(strides, slice.steps).map(*),
          targetOffset: zip(strides, slice.starts).map(*).reduce(0, +))
      ], filling: 0)
  }
}

extension Concatenate: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let target = lowering.shape(instruction.outputs[0])
    // Along the channels, blocked images whose channels fill their blocks are joined block by block.
    var form = Form.plain
    let first = try lowering.form(of: instruction.inputs[0])
    if axis == 1, target.rank == 4, case .channelBlocked(let block) = first.layout,
      instruction.inputs.allSatisfy({ lowering.shape($0)[1] % block == 0 })
    {
      form = first
    }
    var copies: [StridedCopy] = []
    var offset = 0
    for (index, value) in instruction.inputs.enumerated() {
      let source = lowering.shape(value)
      // Rows of everything from the axis on; block by block the channels still come in order.
      let run = source.dimensions[axis...].reduce(1, *) / form.valuesAtOnce
      let wholeRun = target.dimensions[axis...].reduce(1, *) / form.valuesAtOnce
      let rows = source.dimensions[..<axis].reduce(1, *)
      copies.append(
        StridedCopy(
          input: index, extents: [rows, run], sourceStrides: [run, 1],
          targetStrides: [wholeRun, 1], targetOffset: offset))
      offset += run
    }
    try lowering.emitCopies(name, instruction, copies, form: form)
  }
}

extension Pad: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (source, target) = (
      lowering.shape(instruction.inputs[0]), lowering.shape(instruction.outputs[0])
    )
    if case .constant(let value) = mode {
      try lowering.emitCopies(
        name, instruction,
        [
          StridedCopy(
            input: 0, extents: source.dimensions, sourceStrides: source.strides,
            targetStrides: target.strides,
            targetOffset: zip(target.strides, before).map(*).reduce(0, +))
        ], filling: value)
      return
    }
    // For each cell of each axis the cell that it shows.
    let sources = target.dimensions.indices.map { axis in
      (0..<target[axis]).map {
        self.source(of: $0 - before[axis], extent: source[axis]) * source.strides[axis]
      }
    }
    let (input, output) = (
      try lowering.plain(instruction.inputs[0]),
      try lowering.define(instruction.outputs[0], .plain)
    )
    lowering.emit(name, reads: [input], writes: [output]) { addresses in
      let (x, y) = (addresses.floats(input), addresses.floats(output))
      return LoopStep {
        // Every source lies within the input, as `source(of:extent:)` promises.
        for index in 0..<target.count {
          var (rest, offset) = (index, 0)
          for axis in sources.indices.reversed() {
            offset += sources[axis][rest % sources[axis].count]
            rest /= sources[axis].count
          }
          y[index] = x[offset]
        }
      }
    }
  }
}

extension Lowering {
  /// An output made of copies of inputs, over a ground of one number where they leave gaps.
  ///
  /// - Parameter form: of inputs and output; in one of 16 bits the copies count pairs of numbers.
  func emitCopies(
    _ name: String, _ instruction: Program.Instruction, _ copies: [StridedCopy],
    form: Form = .plain, filling: Float? = nil
  ) throws(EngineError) {
    let inputs = try instruction.inputs.map { (value) throws(EngineError) in
      try operand(value, in: form)
    }
    let output = try define(instruction.outputs[0], form)
    let count = shape(instruction.outputs[0]).count
    let used = count < 32_768 ? 1 : threads
    emit(name, reads: inputs, writes: [output]) { addresses in
      let sources = copies.map { UnsafePointer(addresses.floats(inputs[$0.input])) }
      let target = addresses.floats(output)
      let copying = ParallelWork { part, parts in
        for (copy, source) in zip(copies, sources) {
          copy.run(source, target, part: part, parts: parts)
        }
      }
      return LoopStep {
        if let filling { target.update(repeating: filling, count: count) }
        copying.run(threads: used)
      }
    }
  }
}

extension Form {
  /// Numbers that a copy of 32 bits moves. Blocks hold an even number of channels, so that pairs of 16 bits
  /// belong together.
  fileprivate var valuesAtOnce: Int { element == .float32 ? 1 : 2 }
}
