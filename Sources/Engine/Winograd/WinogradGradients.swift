import LoopInterface

extension WinogradConvolution {
  /// ∂L/∂x; also the forward pass of a transposed convolution.
  func lowerInputGradient(
    _ name: String, dy: ValueID, weights: ValueID, dx: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let input = try lowering.operand(dy, in: Self.imageForm)
    let kernels = try kernelPoints(of: weights, .backwards, lowering)
    let output = try lowering.define(dx, Self.imageForm)
    func product() throws(EngineError) -> PrimitiveDescriptor {
      try self.product(from: channels.coarse, to: phases * channels.fine)
    }
    let compiled = try forTeam { () throws(EngineError) in try Primitive(try product()) }
    let memory = WinogradMemory(
      finePoints: finePoint * points, coarsePoints: coarsePoint * points,
      scratchpad: compiled.scratchpad.byteCount)
    lowering.emit(
      name, implementation: "winograd \(compiled.implementation)",
      multiplyAdds: multiplyAdds, reads: [input, kernels], writes: [output],
      scratchBytes: teams * memory.byteCount
    ) { (addresses) throws(EngineError) in
      let scratch = addresses.scratch
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      let tiles = tiles(pointStride: finePoint)
      return WinogradStep(
        chunks: chunks, threads: threads,
        products: try bind(memory, scratch, product) { (descriptor, part) in
          [
            (.source, descriptor.source, part.coarsePoints, coarsePoint),
            (.weights, descriptor.weights, addresses.floats(kernels), kernelPoint),
            (.destination, descriptor.destination, part.finePoints, finePoint),
          ]
        },
        before: { chunk, part, parts in
          let memory = memory.part(of: chunk.team, in: scratch)
          coarseToPoints(chunk, source, memory.coarsePoints, part, parts)
        },
        after: { chunk, part, parts in
          let memory = memory.part(of: chunk.team, in: scratch)
          forEachPlane(of: chunk, blocks: fineBlocks, part, parts) { image, place, block in
            loops.toFine(
              target + (image * fineBlocks + block) * finePlane,
              memory.finePoints + (block * tilesInChunk + place * tilesOfImage) * 16, tiles)
          }
        })
    }
  }

  /// ∂L/∂w
  func lowerWeightGradient(
    _ name: String, x: ValueID, dy: ValueID, dw: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let inputs = (
      try lowering.operand(x, in: Self.imageForm), try lowering.operand(dy, in: Self.imageForm)
    )
    let output = try lowering.define(dw, try Form(try kernelOrder(), shape: lowering.shape(dw)))
    let compiled = try forTeam { () throws(EngineError) in try Primitive(try kernelProduct()) }
    let taps = side * side
    // The first team adds up kernels where they belong, the others in memory of their own.
    let memory = WinogradMemory(
      finePoints: finePoint * points, coarsePoints: coarsePoint * points,
      kernelPoints: kernelPoint * points,
      kernels: teams > 1 ? channels.fine * channels.coarse * taps : 0,
      scratchpad: compiled.scratchpad.byteCount)
    let addRows = lowering.loops.addRows
    lowering.emit(
      name, implementation: "winograd \(compiled.implementation)",
      multiplyAdds: multiplyAdds, reads: [inputs.0, inputs.1], writes: [output],
      scratchBytes: teams * memory.byteCount
    ) { (addresses) throws(EngineError) in
      let scratch = addresses.scratch
      let (x, dy) = (addresses.floats(inputs.0), addresses.floats(inputs.1))
      let target = addresses.floats(output)
      let order = kernelPointsOrder(phaseBlocks: fineBlocks)
      return WinogradStep(
        chunks: chunks, threads: threads,
        products: try bind(memory, scratch, kernelProduct) { (descriptor, part) in
          [
            (.source, descriptor.source, part.finePoints, finePoint),
            (.destinationGradient, descriptor.destinationGradient, part.coarsePoints, coarsePoint),
            (.weightsGradient, descriptor.weightsGradient, part.kernelPoints, kernelPoint),
          ]
        },
        before: { chunk, part, parts in
          let memory = memory.part(of: chunk.team, in: scratch)
          fineToPoints(chunk, x, memory.finePoints, part, parts)
          coarseToPoints(chunk, dy, memory.coarsePoints, part, parts)
        },
        after: { chunk, part, parts in
          let memory = memory.part(of: chunk.team, in: scratch)
          let kernels = chunk.team == 0 ? target : memory.kernels
          for block in share(fineBlocks * coarseBlocks, part: part, parts: parts) {
            let (o, i) = (block / fineBlocks, block % fineBlocks)
            loops.toKernels(
              kernels + block * taps * 256,
              memory.kernelPoints + (o * phases * fineBlocks + i) * 256, order, !chunk.isFirst)
          }
        },
        finish: teams == 1
          ? nil
          : { part, parts in
            let own = share(fineBlocks * coarseBlocks * taps * 256, part: part, parts: parts)
            addRows(
              target + own.lowerBound, memory.part(of: 1, in: scratch).kernels + own.lowerBound,
              teams - 1, memory.byteCount / 4, own.count)
          })
    }
  }
}
