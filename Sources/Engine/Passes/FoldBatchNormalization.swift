import Graphs
import Tensors

extension Program {
  /// Batch normalization with kept statistics after a convolution is the same convolution with other
  /// weights and a bias:
  ///
  ///     f = scale / √(variance + ε)        w′ = f · w        b′ = shift − f · mean
  ///
  /// The new weights depend on variables alone, so that a plan computes them once.
  mutating func foldBatchNormalization() {
    let (readers, writers, kept) = (readers(), writers(), kept)
    var folded: [Int: [Instruction]] = [:]
    var dropped: Set<Int> = []
    for (index, instruction) in instructions.enumerated() {
      guard let normalization = instruction.operation as? BatchNormalizationInference,
        let source = writers[instruction.inputs[0]],
        onlyReader(of: instruction.inputs[0], readers, kept) == index,
        instruction.inputs[1...].allSatisfy({ isVariable($0) }),
        let axis = outputAxis(of: instructions[source].operation),
        isVariable(instructions[source].inputs[1])
      else { continue }
      folded[index] = fold(normalization, instruction, into: instructions[source], axis: axis)
      dropped.insert(source)
    }
    guard !folded.isEmpty else { return }
    instructions = instructions.indices.flatMap { index in
      dropped.contains(index) ? [] : folded[index] ?? [instructions[index]]
    }
  }

  /// Along which axis of its weights a convolution's output channels lie.
  private func outputAxis(of operation: any Lowerable) -> Int? {
    if operation is Convolution { return 0 }
    if let transposed = operation as? ConvolutionInputGradient,
      transposed.convolution.groups == 1
    {
      return 1
    }
    return nil
  }

  private mutating func fold(
    _ normalization: BatchNormalizationInference, _ instruction: Instruction,
    into convolution: Instruction, axis: Int
  ) -> [Instruction] {
    let (scale, shift) = (instruction.inputs[1], instruction.inputs[2])
    let (mean, variance) = (instruction.inputs[3], instruction.inputs[4])
    let weights = convolution.inputs[1]
    let (channels, weightShape) = (shape(scale), shape(weights))
    let factor = addValue(channels)
    let bias = addValue(channels)
    let folded = addValue(weightShape)
    let raw = addValue(shape(instruction.outputs[0]))
    func make(
      _ operation: any Lowerable, _ inputs: [ValueID], _ outputs: [ValueID]
    ) -> Instruction {
      Instruction(
        operation: operation, inputs: inputs, outputs: outputs, label: instruction.label,
        stream: instruction.stream)
    }
    let factorSteps = FusedElementwise(
      shape: channels, views: [channels, channels],
      steps: [
        .init(operation: .affine, operands: [.input(1)], p: 1, q: normalization.epsilon),
        .init(operation: .sqrt, operands: [.step(0)]),
        .init(operation: .divide, operands: [.input(0), .step(1)]),
      ], results: [2])
    let biasSteps = FusedElementwise(
      shape: channels, views: [channels, channels, channels],
      steps: [
        .init(operation: .multiply, operands: [.input(0), .input(1)]),
        .init(operation: .subtract, operands: [.input(2), .step(0)]),
      ], results: [1])
    let alongOutputs = Shape(
      weightShape.dimensions.indices.map { $0 == axis ? weightShape[$0] : 1 })
    let weightSteps = FusedElementwise(
      shape: weightShape, views: [weightShape, alongOutputs],
      steps: [.init(operation: .multiply, operands: [.input(0), .input(1)])], results: [0])
    return [
      make(factorSteps, [scale, variance], [factor]),
      make(biasSteps, [factor, mean, shift], [bias]),
      make(weightSteps, [weights, factor], [folded]),
      make(convolution.operation, [convolution.inputs[0], folded], [raw]),
      make(BiasAdd(), [raw, bias], instruction.outputs),
    ]
  }
}
