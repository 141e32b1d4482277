import LoopInterface

extension WinogradConvolution {
  /// y = x ∗ w, with bias and residual added and then max(y, slope · y).
  func lower(
    _ name: String, x: ValueID, weights: ValueID, bias: ValueID?, residual: ValueID?,
    slope: Float, y: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let input = try lowering.operand(x, in: Self.imageForm)
    let kernels = try kernelPoints(of: weights, .forwards, lowering)
    let biases = try bias.map { (bias) throws(EngineError) in try lowering.plain(bias) }
    let output = try lowering.defineSum(y, Self.imageForm, over: residual)
    func product() throws(EngineError) -> PrimitiveDescriptor {
      try self.product(from: phases * channels.fine, to: channels.coarse)
    }
    let compiled = try forTeam { () throws(EngineError) in try Primitive(try product()) }
    let memory = WinogradMemory(
      finePoints: finePoint * points, coarsePoints: coarsePoint * points,
      scratchpad: compiled.scratchpad.byteCount)
    lowering.emit(
      name, implementation: "winograd \(compiled.implementation)",
      multiplyAdds: multiplyAdds,
      reads: [input, kernels] + (biases.map { [$0] } ?? []) + (residual == nil ? [] : [output]),
      writes: residual == nil ? [output] : [], scratchBytes: teams * memory.byteCount
    ) { (addresses) throws(EngineError) in
      let scratch = addresses.scratch
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      let offsets = biases.map { UnsafePointer(addresses.floats($0)) }
      let tiles = tiles(pointStride: coarsePoint)
      return WinogradStep(
        chunks: chunks, threads: threads,
        products: try bind(memory, scratch, product) { (descriptor, part) in
          [
            (.source, descriptor.source, part.finePoints, finePoint),
            (.weights, descriptor.weights, addresses.floats(kernels), kernelPoint),
            (.destination, descriptor.destination, part.coarsePoints, coarsePoint),
          ]
        },
        before: { chunk, part, parts in
          let memory = memory.part(of: chunk.team, in: scratch)
          fineToPoints(chunk, source, memory.finePoints, part, parts)
        },
        after: { chunk, part, parts in
          let memory = memory.part(of: chunk.team, in: scratch)
          forEachPlane(of: chunk, blocks: coarseBlocks, part, parts) { image, place, block in
            loops.toCoarse(
              target + (image * coarseBlocks + block) * coarsePlane,
              memory.coarsePoints + (block * tilesInChunk + place * tilesOfImage) * 16, tiles,
              WinogradFinish(
                bias: offsets.map { $0 + block * 16 }, adds: residual != nil, slope: slope))
          }
        })
    }
  }
}
