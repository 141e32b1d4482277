import LoopInterface

extension WinogradConvolution {
  /// ∂L/∂x; also the forward pass of a transposed convolution.
  func lowerInputGradient(
    _ name: String, dy: ValueID, weights: ValueID, dx: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let input = try lowering.operand(dy, in: imageForm)
    let kernels = try kernelPoints(of: weights, .backwards, lowering)
    let output = try lowering.define(dx, imageForm)
    func product() throws(EngineError) -> PrimitiveDescriptor {
      try self.product(from: channels.coarse, to: phases * channels.fine)
    }
    try emit(
      name, reads: [input, kernels], writes: [output], lowering, product: product
    ) { addresses, _ in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      return WinogradPasses(
        arguments: { descriptor, memory in
          [
            (.source, descriptor.source, memory.coarsePoints, coarsePoint),
            (.weights, descriptor.weights, addresses.floats(kernels), kernelPoint),
            (.destination, descriptor.destination, memory.finePoints, finePoint),
          ]
        },
        before: { chunk, memory, part, parts in
          coarseToPoints(chunk, source, memory.coarsePoints, part, parts)
        },
        after: { chunk, memory, part, parts in
          let tiles = tiles(of: chunk, pointStride: finePoint)
          forEachPlane(of: chunk, blocks: fineBlocks, part, parts) { image, place, block in
            loops.toFine(
              target + finePlane(image, block),
              memory.finePoints + (block * tilesInChunk + place * tilesOfImage) * channelBlock,
              tiles)
          }
        })
    }
  }

  /// ∂L/∂w
  func lowerWeightGradient(
    _ name: String, x: ValueID, dy: ValueID, dw: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let inputs = (
      try lowering.operand(x, in: imageForm), try lowering.operand(dy, in: imageForm)
    )
    let output = try lowering.define(dw, try Form(try kernelOrder(), shape: lowering.shape(dw)))
    let taps = side * side
    let addRows = lowering.loops.addRows
    // The first team adds up kernels where they belong, the others in memory of their own.
    try emit(
      name, reads: [inputs.0, inputs.1], writes: [output], lowering,
      kernelPoints: kernelPoint * points,
      kernels: teams > 1 ? channels.fine * channels.coarse * taps : 0, product: kernelProduct
    ) { addresses, memory in
      let (x, dy) = (addresses.floats(inputs.0), addresses.floats(inputs.1))
      let target = addresses.floats(output)
      let order = kernelPointsOrder(phaseBlocks: fineBlocks)
      let scratch = addresses.scratch
      return WinogradPasses(
        arguments: { descriptor, memory in
          [
            (.source, descriptor.source, memory.finePoints, finePoint),
            (
              .destinationGradient, descriptor.destinationGradient, memory.coarsePoints,
              coarsePoint
            ), (.weightsGradient, descriptor.weightsGradient, memory.kernelPoints, kernelPoint),
          ]
        },
        before: { chunk, memory, part, parts in
          fineToPoints(chunk, x, memory.finePoints, part, parts)
          coarseToPoints(chunk, dy, memory.coarsePoints, part, parts)
        },
        after: { chunk, memory, part, parts in
          let kernels = chunk.team == 0 ? target : memory.kernels
          for block in share(fineBlocks * coarseBlocks, part: part, parts: parts) {
            let (o, i) = (block / fineBlocks, block % fineBlocks)
            loops.toKernels(
              kernels + block * taps * blockPairs,
              memory.kernelPoints + (o * phases * fineBlocks + i) * blockPairs, order,
              !chunk.isFirst)
          }
        },
        finish: teams == 1
          ? nil
          : { part, parts in
            let own = share(fineBlocks * coarseBlocks * taps * blockPairs, part: part, parts: parts)
            addRows(
              target + own.lowerBound, memory.part(of: 1, in: scratch).kernels + own.lowerBound,
              teams - 1, memory.byteCount / 4, own.count)
          })
    }
  }
}
