import LoopInterface

extension WinogradConvolution {
  /// y = x ∗ w, with bias and residual added and then max(y, slope · y).
  func lower(
    _ name: String, x: ValueID, weights: ValueID, bias: ValueID?, residual: ValueID?,
    slope: Float, y: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let input = try lowering.operand(x, in: imageForm)
    let kernels = try kernelPoints(of: weights, .forwards, lowering)
    let biases = try bias.map { (bias) throws(EngineError) in try lowering.plain(bias) }
    let output = try lowering.defineSum(y, imageForm, over: residual)
    func product() throws(EngineError) -> PrimitiveDescriptor {
      try self.product(from: phases * channels.fine, to: channels.coarse)
    }
    try emit(
      name,
      reads: [input, kernels] + (biases.map { [$0] } ?? []) + (residual == nil ? [] : [output]),
      writes: residual == nil ? [output] : [], lowering, product: product
    ) { addresses, _ in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      let offsets = biases.map { UnsafePointer(addresses.floats($0)) }
      return WinogradPasses(
        arguments: { descriptor, memory in
          [
            (.source, descriptor.source, memory.finePoints, finePoint),
            (.weights, descriptor.weights, addresses.floats(kernels), kernelPoint),
            (.destination, descriptor.destination, memory.coarsePoints, coarsePoint),
          ]
        },
        before: { chunk, memory, part, parts in
          fineToPoints(chunk, source, memory.finePoints, part, parts)
        },
        after: { chunk, memory, part, parts in
          let tiles = tiles(of: chunk, pointStride: coarsePoint)
          forEachPlane(of: chunk, blocks: coarseBlocks, part, parts) { image, place, block in
            loops.toCoarse(
              target + coarsePlane(image, block, in: chunk),
              memory.coarsePoints + (block * tilesInChunk + place * tilesOfImage) * channelBlock,
              tiles,
              WinogradFinish(
                bias: offsets.map { $0 + block * channelBlock }, adds: residual != nil, slope: slope
              ))
          }
        })
    }
  }
}
