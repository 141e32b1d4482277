import LoopInterface
import Tensors

extension FusedElementwise {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let form = try commonForm(instruction, in: lowering)
    let space = IterationSpace(shape, form.layout)
    var operands: [TileOperand] = []
    for (value, view) in zip(instruction.inputs, views) {
      operands.append(try operand(value, view, form: form, space: space, in: lowering))
    }
    let outputs = try instruction.outputs.map { (value) throws(EngineError) in
      try lowering.define(value, form)
    }
    // The last step writes after everything has been read, so that its output may lie on an input.
    let final = outputs.indices.filter { results[$0] == steps.count - 1 }
    let inPlace = operands.filter { $0.isWhole && $0.element == form.element }.map(\.buffer)
    let program = TileProgram(self, operands: operands, space: space, element: form.element)
    let (threads, loops) = (lowering.threads, lowering.loops)
    lowering.emit(
      name, reads: operands.map(\.buffer), writes: outputs,
      inPlace: final.count == 1 && outputs.count == 1 ? (outputs[final[0]], inPlace) : nil
    ) { addresses in
      let runner = TileRunner(
        program, inputs: operands.map { addresses[$0.buffer] },
        outputs: outputs.map { addresses[$0] }, loops: loops, threads: threads)
      return ParallelStep(threads: runner.threads) { runner.run(part: $0, parts: $1) }
    }
  }

  /// The order in which to compute: as the full-sized inputs lie, so that nothing is copied.
  private func commonForm(
    _ instruction: Program.Instruction, in lowering: Lowering
  ) throws(EngineError) -> Form {
    var forms: [Form] = []
    // Of fewer axes it has an order of its own.
    for (value, view) in zip(instruction.inputs, views)
    where view == shape && lowering.shape(value) == shape {
      // A variable that nobody has used yet follows the others.
      if case .variable = lowering.program.values[value].source, !lowering.isPlaced(value) {
        continue
      }
      forms.append(try lowering.form(of: value))
    }
    let element: Element =
      shape.rank == 4 && forms.contains { $0.element == .bfloat16 } ? .bfloat16 : .float32
    for form in forms {
      if case .channelBlocked = form.layout { return Form(layout: form.layout, element: element) }
    }
    if forms.contains(where: { $0.layout == .channelsLast }) {
      return Form(layout: .channelsLast, element: element)
    }
    if let first = forms.first, case .foreign(let descriptor) = first.layout,
      !descriptor.hasPadding,
      zip(instruction.inputs, views).allSatisfy({ $1 == shape || $1.count == 1 })
    {
      return Form(layout: first.layout, element: first.element)
    }
    return Form(layout: .plain, element: element)
  }

  /// An input in the order of the space: full-sized ones in its form, repeated ones plain or, where
  /// they run along the channels, blocked alike.
  private func operand(
    _ value: ValueID, _ view: Shape, form: Form, space: IterationSpace, in lowering: Lowering
  ) throws(EngineError) -> TileOperand {
    if view == shape, form.layout != .plain, lowering.shape(value) != shape {
      return TileOperand(
        buffer: try lowering.reordered(value, as: view, form.layout), element: .float32,
        strides: space.strides(of: shape), isWhole: false)
    }
    if view == shape {
      let element = try lowering.form(of: value, wanted: form).element
      let own = form.with(element)
      return TileOperand(
        buffer: try lowering.operand(value, in: own), element: element,
        strides: space.strides(of: shape), isWhole: true)
    }
    if form.layout == .channelsLast, view[2] * view[3] > 1,
      view.count != view[0] * view[2] * view[3]
    {
      let buffer = try lowering.reordered(value, as: view, .channelsLast)
      return TileOperand(
        buffer: buffer, element: .float32, strides: space.strides(of: view), isWhole: false)
    }
    if case .channelBlocked(let block) = form.layout, view[1] > 1, view.rank == 4 {
      if view[1] % block == 0 && view[2] == 1 && view[3] == 1 {
        // One number a channel lies in blocked order as it lies in plain order.
        return TileOperand(
          buffer: try lowering.plain(value), element: .float32, strides: space.strides(of: view),
          isWhole: false)
      }
      let buffer = try lowering.reordered(value, as: view, .channelBlocked(block))
      return TileOperand(
        buffer: buffer, element: .float32, strides: space.strides(of: view), isWhole: false)
    }
    return TileOperand(
      buffer: try lowering.plain(value), element: .float32, strides: space.strides(of: view),
      isWhole: false)
  }
}

extension Form {
  func with(_ element: Element) -> Form {
    if case .foreign(let descriptor) = layout {
      return Form(layout: .foreign(descriptor.with(element)), element: element)
    }
    return Form(layout: layout, element: element)
  }
}
