import Graphs
import Tensors

/// Batch normalization, with max(0, y) in the same pass where `relu` is set.
struct FusedBatchNormalization: Lowerable {
  /// Ties the forward pass to its gradient, which needs to know where y was positive.
  struct Key: Hashable {
    let input: ValueID
    let mean: ValueID
  }

  let epsilon: Float
  var relu = false

  var name: String { relu ? "BatchNormalization+relu" : "BatchNormalization" }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let image = ImageView(try lowering.form(of: x), lowering.shape(x))
    let data = try image.descriptor()
    let channels = try MemoryDescriptor(plain: [image.shape[1]], .float32)
    let forward = try PrimitiveDescriptor(
      batchNormalization: data, epsilon: epsilon, training: true, relu: relu)
    let workspace = forward.workspace
    let primitive = try Primitive(forward)
    let input = try lowering.operand(x, in: image.form)
    let reads = [
      (Argument.source, data, input),
      (.scale, channels, try lowering.plain(instruction.inputs[1])),
      (.shift, channels, try lowering.plain(instruction.inputs[2])),
    ]
    let output = try lowering.define(y, image.form)
    var writes = [
      (Argument.destination, data, output),
      (.mean, channels, try lowering.define(instruction.outputs[1], .plain)),
      (.variance, channels, try lowering.define(instruction.outputs[2], .plain)),
    ]
    if relu {
      let buffer = lowering.newBuffer(workspace.byteCount)
      lowering.workspaces[Key(input: x, mean: instruction.outputs[1])] = (buffer, workspace)
      writes.append((.workspace, workspace, buffer))
    }
    lowering.emit(name, primitive, reads: reads, writes: writes, inPlace: (output, [input]))
  }
}

extension BatchNormalization: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try FusedBatchNormalization(epsilon: epsilon).lower(instruction, in: lowering)
  }
}

/// The gradient of batch normalization; with `relu`, dy is the gradient after max(0, y).
///
/// Inputs: x, scale, mean, variance, dy. Outputs: dx, dscale, dshift.
struct FusedBatchNormalizationGradient: Lowerable {
  let epsilon: Float
  var relu = false

  var name: String { "BatchNormalizationGradient" }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, dy) = (instruction.inputs[0], instruction.inputs[4])
    let image = ImageView(try lowering.form(of: x), lowering.shape(x))
    let data = try image.descriptor()
    let channels = try MemoryDescriptor(plain: [image.shape[1]], .float32)
    let forward = try PrimitiveDescriptor(
      batchNormalization: data, epsilon: epsilon, training: true, relu: relu)
    let backward = try PrimitiveDescriptor(
      batchNormalizationGradient: data, epsilon: epsilon, relu: relu, forward: forward)
    let primitive = try Primitive(backward)
    let gradient = try lowering.operand(dy, in: image.form)
    let input = try lowering.operand(x, in: image.form)
    let scale = try lowering.plain(instruction.inputs[1])
    var reads = [
      (Argument.source, data, input),
      (.scale, channels, scale),
      // oneDNN asks for the shift too but does not read it.
      (.shift, channels, scale),
      (.mean, channels, try lowering.plain(instruction.inputs[2])),
      (.variance, channels, try lowering.plain(instruction.inputs[3])),
      (.destinationGradient, data, gradient),
    ]
    let key = FusedBatchNormalization.Key(input: x, mean: instruction.inputs[2])
    if relu, let (buffer, workspace) = lowering.workspaces[key] {
      reads.append((.workspace, workspace, buffer))
    }
    let result = try lowering.define(instruction.outputs[0], image.form)
    let writes = [
      (Argument.sourceGradient, data, result),
      (.scaleGradient, channels, try lowering.define(instruction.outputs[1], .plain)),
      (.shiftGradient, channels, try lowering.define(instruction.outputs[2], .plain)),
    ]
    lowering.emit(name, primitive, reads: reads, writes: writes, inPlace: (result, [gradient]))
  }
}

extension BatchNormalizationGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try FusedBatchNormalizationGradient(epsilon: epsilon).lower(instruction, in: lowering)
  }
}

extension BatchNormalizationInference: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let image = ImageView(try lowering.form(of: x), lowering.shape(x))
    let data = try image.descriptor()
    let channels = try MemoryDescriptor(plain: [image.shape[1]], .float32)
    let chosen = try PrimitiveDescriptor(
      batchNormalization: data, epsilon: epsilon, training: false, relu: false)
    let primitive = try Primitive(chosen)
    let input = try lowering.operand(x, in: image.form)
    let arguments: [Argument] = [.scale, .shift, .mean, .variance]
    var reads = [(Argument.source, data, input)]
    for (argument, value) in zip(arguments, instruction.inputs[1...]) {
      reads.append((argument, channels, try lowering.plain(value)))
    }
    let output = try lowering.define(y, image.form)
    lowering.emit(
      name, primitive, reads: reads, writes: [(.destination, data, output)],
      inPlace: (output, [input]))
  }
}

/// A tensor N × C × … seen as images, as oneDNN's normalization wants it.
struct ImageView {
  let form: Form
  let shape: Shape

  init(_ form: Form, _ shape: Shape) {
    if shape.rank == 4 {
      self.form = form
      self.shape = shape
    } else {
      self.form = .plain
      let positions = shape.dimensions.dropFirst(2).reduce(1, *)
      self.shape = [shape[0], shape[1], positions, 1]
    }
  }

  func descriptor() throws(EngineError) -> MemoryDescriptor { try form.descriptor(shape) }
}
