import Graphs
import Tensors

/// A convolution with what is done to its result before it is written: + bias, + residual, then
/// (leaky) ReLU or a clip.
///
/// Inputs: x, w, then the bias and the residual where there are such.
struct FusedConvolution: Lowerable {
  let convolution: Convolution
  var hasBias = false
  var addsResidual = false
  /// What is applied to the result, where it is something that convolutions can do.
  var activation: PostOperation?

  var name: String { "Convolution" }

  /// The slope of (leaky) ReLU, 1 where nothing is applied; nil where it is something else.
  private var slope: Float? {
    switch activation {
    case nil: 1
    case .relu(let slope): slope
    default: nil
    }
  }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    var inputs = instruction.inputs[...]
    let (x, w) = (inputs.removeFirst(), inputs.removeFirst())
    let bias = hasBias ? inputs.removeFirst() : nil
    let residual = addsResidual ? inputs.removeFirst() : nil
    let y = instruction.outputs[0]
    let shapes = ConvolutionShapes(
      .output, of: convolution, input: lowering.shape(x), weight: lowering.shape(w),
      output: lowering.shape(y))
    if let slope, let winograd = WinogradConvolution(shapes, lowering) {
      try winograd.taking(x, lowering).lower(
        name, x: x, weights: w, bias: bias, residual: residual, slope: slope, y: y, lowering)
      return
    }
    let element = lowering.imageElement
    let plainBias = try bias.map { (bias) throws(EngineError) in
      try Form.plain.descriptor(lowering.shape(bias))
    }
    var postOperations: [PostOperation] = residual == nil ? [] : [.sum]
    if let activation { postOperations.append(activation) }

    let isBlocked = try lowering.takesBlocks(shapes, x)
    func order(_ images: [Int]) throws(EngineError) -> MemoryDescriptor {
      isBlocked
        ? try MemoryDescriptor(channelBlock: 16, images, element)
        : try lowering.order(images, element)
    }
    let chosen = try PrimitiveDescriptor(
      convolution: shapes.geometry, training: lowering.trains, source: try order(shapes.input),
      weights: try lowering.order(shapes.weight, element), bias: plainBias,
      destination: try order(shapes.output), postOperations: postOperations)
    let (source, weights, destination) = (chosen.source, chosen.weights, chosen.destination)
    let primitive = try Primitive(chosen)
    var reads = [
      (Argument.source, source, try lowering.operand(x, as: source)),
      (.weights, weights, try lowering.operand(w, as: weights)),
    ]
    if let bias, let plainBias { reads.append((.bias, plainBias, try lowering.plain(bias))) }
    let form = try Form(destination, shape: lowering.shape(y))
    let output = try lowering.defineSum(y, form, over: residual)
    if residual == nil {
      lowering.emit(
        name, primitive, multiplyAdds: shapes.multiplyAdds, reads: reads,
        writes: [(.destination, destination, output)])
    } else {
      reads.append((.destination, destination, output))
      lowering.emit(
        name, primitive, multiplyAdds: shapes.multiplyAdds, reads: reads, writes: [])
    }
  }
}

extension Lowering {
  /// Where a sum is written: over the residual that is its other summand, if there is one. The passes
  /// made sure that nobody needs that afterwards.
  func defineSum(
    _ value: ValueID, _ form: Form, over residual: ValueID?
  ) throws(EngineError) -> BufferID {
    guard let residual else { return try define(value, form) }
    let summand = try operand(residual, in: form)
    return define(value, form, isConstant(summand) ? copied(summand) : summand)
  }
}

extension Convolution: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try FusedConvolution(convolution: self).lower(instruction, in: lowering)
  }
}

extension ConvolutionInputGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (dy, w, dx) = (instruction.inputs[0], instruction.inputs[1], instruction.outputs[0])
    let shapes = ConvolutionShapes(
      .inputGradient, of: convolution, input: inputShape, weight: lowering.shape(w),
      output: lowering.shape(dy))
    if let winograd = WinogradConvolution(shapes, lowering) {
      try winograd.lowerInputGradient(name, dy: dy, weights: w, dx: dx, lowering)
      return
    }
    let element = lowering.imageElement
    let chosen = try PrimitiveDescriptor(
      convolutionInputGradient: shapes.geometry,
      sourceGradient: try lowering.order(shapes.input, element),
      weights: try lowering.order(shapes.weight, element),
      destinationGradient: try lowering.order(shapes.output, element))
    let (gradient, weights) = (chosen.destinationGradient, chosen.weights)
    let result = chosen.sourceGradient
    let primitive = try Primitive(chosen)
    let reads = [
      (Argument.destinationGradient, gradient, try lowering.operand(dy, as: gradient)),
      (.weights, weights, try lowering.operand(w, as: weights)),
    ]
    let output = try lowering.define(dx, try Form(result, shape: inputShape))
    lowering.emit(
      name, primitive, multiplyAdds: shapes.multiplyAdds, reads: reads,
      writes: [(.sourceGradient, result, output)])
  }
}

/// The gradients of a convolution's weights and, in the same pass over dy, of its bias.
///
/// Inputs: x, dy. Outputs: dw, then db where asked for.
struct FusedWeightGradient: Lowerable {
  let gradient: ConvolutionWeightGradient
  var hasBias = false

  var name: String { "ConvolutionWeightGradient" }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, dy, dw) = (instruction.inputs[0], instruction.inputs[1], instruction.outputs[0])
    let shapes = ConvolutionShapes(
      .weightGradient, of: gradient.convolution, input: lowering.shape(x),
      weight: gradient.weightShape, output: lowering.shape(dy))
    let bias = hasBias ? instruction.outputs[1] : nil
    if let winograd = WinogradConvolution(shapes, lowering) {
      try winograd.lowerWeightGradient(name, x: x, dy: dy, dw: dw, lowering)
      if let bias {
        var sum = instruction
        (sum.inputs, sum.outputs) = ([dy], [bias])
        try Reduce(.sum, axes: [0, 2, 3]).lower(sum, in: lowering)
      }
      return
    }
    let element = lowering.imageElement
    let biasDescriptor = try bias.map { (bias) throws(EngineError) in
      try Form.plain.descriptor(lowering.shape(bias))
    }
    // The order of the parameter itself spares the optimizer a copy.
    let parameterOrder = try lowering.orderOfParameter(of: dw)
    func make(_ weights: MemoryDescriptor) throws(EngineError) -> PrimitiveDescriptor {
      try PrimitiveDescriptor(
        convolutionWeightGradient: shapes.geometry,
        source: try lowering.order(shapes.input, element), weightsGradient: weights,
        biasGradient: biasDescriptor,
        destinationGradient: try lowering.order(shapes.output, element))
    }
    var chosen = try make(try lowering.order(shapes.weight, .float32))
    if let parameterOrder, parameterOrder != chosen.weightsGradient {
      do throws(EngineError) {
        let bound = try make(parameterOrder)
        if bound.implementation == chosen.implementation { chosen = bound }
      } catch .unsupported {}
    }
    let (source, upstream) = (chosen.source, chosen.destinationGradient)
    let result = chosen.weightsGradient
    let primitive = try Primitive(chosen)
    let reads = [
      (Argument.source, source, try lowering.operand(x, as: source)),
      (.destinationGradient, upstream, try lowering.operand(dy, as: upstream)),
    ]
    let output = try lowering.define(dw, try Form(result, shape: gradient.weightShape))
    var writes = [(Argument.weightsGradient, result, output)]
    if let bias, let biasDescriptor {
      writes.append((.biasGradient, biasDescriptor, try lowering.define(bias, .plain)))
    }
    lowering.emit(
      name, primitive, multiplyAdds: shapes.multiplyAdds, reads: reads, writes: writes)
  }
}

extension ConvolutionWeightGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try FusedWeightGradient(gradient: self).lower(instruction, in: lowering)
  }
}

/// A convolution's shapes as oneDNN sees them.
struct ConvolutionShapes {
  /// What of a convolution is computed.
  enum Wanted { case output, inputGradient, weightGradient }

  let wanted: Wanted
  let geometry: WindowGeometry
  let input: [Int]
  /// With the groups as an axis of their own in front, where there are several.
  let weight: [Int]
  let output: [Int]

  init(
    _ wanted: Wanted, of convolution: Convolution, input: Shape, weight: Shape, output: Shape
  ) {
    self.wanted = wanted
    geometry = WindowGeometry(
      strides: convolution.strides, dilation: convolution.dilation, padding: convolution.padding,
      input: input, window: Size2D(height: weight[2], width: weight[3]), output: output)
    self.input = input.dimensions
    self.output = output.dimensions
    let groups = convolution.groups
    self.weight =
      groups == 1
      ? weight.dimensions : [groups, weight[0] / groups] + weight.dimensions.dropFirst()
  }

  /// Products of one pass, added up as the definition does it.
  var multiplyAdds: Int { weight.reduce(1, *) * output[0] * output[2] * output[3] }
}

extension WindowGeometry {
  /// oneDNN wants the far padding to end where the last window ends; cells that no window reaches
  /// are no padding.
  init(
    strides: Size2D, dilation: Size2D, padding: EdgePadding, input: Shape, window: Size2D,
    output: Shape
  ) {
    func after(_ axis: Int, _ window: Int, _ stride: Int, _ dilation: Int, _ before: Int) -> Int {
      (output[axis] - 1) * stride + dilation * (window - 1) + 1 - input[axis] - before
    }
    self.init(
      strides: [strides.height, strides.width], dilation: [dilation.height, dilation.width],
      paddingBefore: [padding.top, padding.left],
      paddingAfter: [
        after(2, window.height, strides.height, dilation.height, padding.top),
        after(3, window.width, strides.width, dilation.width, padding.left),
      ])
  }
}

extension Lowering {
  /// Whether a 1 × 1 convolution takes and gives images in blocks of 16 channels, where oneDNN left
  /// alone takes all channels of a pixel together.
  ///
  /// In blocks it fetches ahead, otherwise it waits for memory: ResNet-50 takes 450 ms for 32 images
  /// instead of 480, but 3 % longer for one, which the caches hold. Depthwise convolutions are faster
  /// with channels last, so that networks with such have no blocks.
  fileprivate func takesBlocks(
    _ shapes: ConvolutionShapes, _ x: ValueID
  ) throws(EngineError) -> Bool {
    guard options.optimizes, !trains, !hasGroups, imageElement == .float32,
      Processor.channelBlock == 16, shapes.input[0] >= 8, shapes.weight.count == 4,
      shapes.weight[2...] == [1, 1], shapes.weight[0] % 16 == 0, shapes.weight[1] % 16 == 0
    else { return false }
    // For one that strides, images are not brought into another order.
    if shapes.geometry.strides == [1, 1] { return true }
    return try form(of: x).layout == .channelBlocked(16)
  }

  /// The order that suits oneDNN, or the plain one where nothing is to be optimized.
  func order(
    _ dimensions: [Int], _ element: Element
  ) throws(EngineError) -> MemoryDescriptor {
    options.optimizes
      ? try MemoryDescriptor(any: dimensions, element)
      : try MemoryDescriptor(plain: dimensions, element)
  }

  /// The order in which the parameter that a gradient belongs to is stored, where that is decided.
  func orderOfParameter(of gradient: ValueID) throws(EngineError) -> MemoryDescriptor? {
    guard let parameter = parameterOfGradient[gradient], isPlaced(parameter),
      case .foreign(let order) = try form(of: parameter).layout
    else { return nil }
    return order
  }
}
