import Graphs
import Tensors

extension MaxPool: Lowerable {
  /// Ties a pool to its gradient, which needs to know where the maxima were.
  struct Key: Hashable {
    let pool: MaxPool
    let input: ValueID
  }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let key = Key(pool: self, input: x)
    let hasGradient = lowering.program.instructions.contains {
      ($0.operation as? MaxPoolGradient)?.pool == self && $0.inputs[0] == x
    }
    let form = try lowering.form(of: x)
    let (source, destination) = (
      try form.descriptor(lowering.shape(x)), try form.descriptor(lowering.shape(y))
    )
    let forward = try PrimitiveDescriptor(
      pooling: .maximum, geometry(lowering.shape(x), lowering.shape(y)),
      window: [window.height, window.width], training: hasGradient, source: source,
      destination: destination)
    let workspace = forward.workspace
    let primitive = try Primitive(forward)
    let input = try lowering.operand(x, in: form)
    var writes = [(Argument.destination, destination, try lowering.define(y, form))]
    if hasGradient {
      let buffer = lowering.newBuffer(workspace.byteCount)
      lowering.workspaces[key] = (buffer, workspace)
      writes.append((.workspace, workspace, buffer))
    }
    lowering.emit(name, primitive, reads: [(.source, source, input)], writes: writes)
  }

  fileprivate func geometry(_ input: Shape, _ output: Shape) -> WindowGeometry {
    WindowGeometry(
      strides: strides, dilation: dilation, padding: padding, input: input, window: window,
      output: output)
  }
}

extension MaxPoolGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, dy, dx) = (instruction.inputs[0], instruction.inputs[1], instruction.outputs[0])
    let (input, output) = (lowering.shape(x), lowering.shape(dy))
    let form = try lowering.form(of: x)
    let (source, destination) = (try form.descriptor(input), try form.descriptor(output))
    let geometry = pool.geometry(input, output)
    let window = [pool.window.height, pool.window.width]
    let forward = try PrimitiveDescriptor(
      pooling: .maximum, geometry, window: window, training: true, source: source,
      destination: destination)
    let key = MaxPool.Key(pool: pool, input: x)
    if lowering.workspaces[key] == nil {
      // Nobody asked for the maxima themselves; their places are found all the same.
      let maxima = lowering.newBuffer(destination.byteCount)
      let workspace = (lowering.newBuffer(forward.workspace.byteCount), forward.workspace)
      lowering.workspaces[key] = workspace
      lowering.emit(
        "MaxPool", try Primitive(forward),
        reads: [(.source, source, try lowering.operand(x, in: form))],
        writes: [
          (.destination, destination, maxima), (.workspace, workspace.1, workspace.0),
        ])
    }
    let backward = try PrimitiveDescriptor(
      poolingGradient: .maximum, geometry, window: window, sourceGradient: source,
      destinationGradient: destination, forward: forward)
    let primitive = try Primitive(backward)
    var reads = [(Argument.destinationGradient, destination, try lowering.operand(dy, in: form))]
    if let (buffer, workspace) = lowering.workspaces[key] {
      reads.append((.workspace, workspace, buffer))
    }
    let result = try lowering.define(dx, form)
    lowering.emit(name, primitive, reads: reads, writes: [(.sourceGradient, source, result)])
  }
}

extension AveragePool: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let form = try lowering.form(of: x)
    let (source, destination) = (
      try form.descriptor(lowering.shape(x)), try form.descriptor(lowering.shape(y))
    )
    let chosen = try forward(source, destination, lowering.shape(x), lowering.shape(y))
    let primitive = try Primitive(chosen)
    let input = try lowering.operand(x, in: form)
    lowering.emit(
      name, primitive, reads: [(.source, source, input)],
      writes: [(.destination, destination, try lowering.define(y, form))])
  }

  fileprivate func forward(
    _ source: MemoryDescriptor, _ destination: MemoryDescriptor, _ input: Shape, _ output: Shape
  ) throws(EngineError) -> PrimitiveDescriptor {
    try PrimitiveDescriptor(
      pooling: .average(countsPadding: countsPadding), geometry(input, output),
      window: [window.height, window.width], training: true, source: source,
      destination: destination)
  }

  fileprivate func geometry(_ input: Shape, _ output: Shape) -> WindowGeometry {
    WindowGeometry(
      strides: strides, dilation: 1, padding: padding, input: input, window: window,
      output: output)
  }
}

extension AveragePoolGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (dy, dx) = (instruction.inputs[0], instruction.outputs[0])
    let (input, output) = (inputShape, lowering.shape(dy))
    let form = try lowering.form(of: dy)
    let (source, destination) = (try form.descriptor(input), try form.descriptor(output))
    let forward = try pool.forward(source, destination, input, output)
    let backward = try PrimitiveDescriptor(
      poolingGradient: .average(countsPadding: pool.countsPadding), pool.geometry(input, output),
      window: [pool.window.height, pool.window.width], sourceGradient: source,
      destinationGradient: destination, forward: forward)
    let primitive = try Primitive(backward)
    let gradient = try lowering.operand(dy, in: form)
    lowering.emit(
      name, primitive, reads: [(.destinationGradient, destination, gradient)],
      writes: [(.sourceGradient, source, try lowering.define(dx, form))])
  }
}
