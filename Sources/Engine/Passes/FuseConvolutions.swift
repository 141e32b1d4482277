import Graphs

extension Program {
  /// Lets a convolution add its bias, a residual and apply (leaky) ReLU or a clip before it writes.
  mutating func fuseConvolutions() {
    let (readers, kept) = (readers(), kept)
    var dropped: Set<Int> = []
    for index in instructions.indices {
      guard let convolution = instructions[index].operation as? Convolution else { continue }
      var fused = FusedConvolution(convolution: convolution)
      var inputs = instructions[index].inputs
      var output = instructions[index].outputs[0]
      // Where the fused convolution will stand: its result is complete there at the earliest.
      var place = index

      func next() -> Int? {
        onlyReader(of: output, readers, kept).flatMap { dropped.contains($0) ? nil : $0 }
      }
      func take(_ reader: Int) {
        dropped.insert(place)
        place = reader
        output = instructions[reader].outputs[0]
      }
      if let reader = next(), instructions[reader].operation is BiasAdd,
        instructions[reader].inputs[0] == output
      {
        fused.hasBias = true
        inputs.append(instructions[reader].inputs[1])
        take(reader)
      }
      // The sum is written over the residual, so that must not be what the convolution reads.
      if let reader = next(), let residual = residual(at: reader, beside: output, readers, kept),
        residual != inputs[0]
      {
        fused.addsResidual = true
        inputs.append(residual)
        take(reader)
      }
      if let reader = next(), let unary = instructions[reader].operation as? Unary {
        switch unary.kind {
        case .relu:
          fused.activation = .relu(slope: 0)
          take(reader)
        case .leakyReLU(let slope):
          fused.activation = .relu(slope: slope)
          take(reader)
        case .clip(let minimum, let maximum):
          fused.activation = .clip(minimum: minimum, maximum: maximum)
          take(reader)
        default: break
        }
      }
      guard place != index else { continue }
      instructions[place] = Instruction(
        operation: fused, inputs: inputs, outputs: [output], label: instructions[index].label,
        stream: instructions[index].stream)
    }
    remove(dropped)
  }

  /// The other summand where an instruction adds two images of one shape and nobody needs the other
  /// one later, so that the sum may be written over it.
  private func residual(
    at index: Int, beside value: ValueID, _ readers: [ValueID: [Int]], _ kept: Set<ValueID>
  ) -> ValueID? {
    let instruction = instructions[index]
    guard let binary = instruction.operation as? Binary, binary.kind == .add,
      instruction.inputs[0] != instruction.inputs[1]
    else { return nil }
    let other = instruction.inputs[0] == value ? instruction.inputs[1] : instruction.inputs[0]
    guard shape(other) == shape(value), case .computed = values[other].source,
      !kept.contains(other), readers[other]?.max() == index,
      instructions.contains(where: { $0.outputs.contains(other) && !($0.operation is Reshape) }),
      !(readers[other] ?? []).contains(where: { instructions[$0].operation is Reshape })
    else { return nil }
    return other
  }
}
