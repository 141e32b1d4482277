import LoopInterface
import Tensors

extension WinogradConvolution {
  /// ∂L/∂x; also the forward pass of a transposed convolution.
  func lowerInputGradient(
    _ name: String, dy: ValueID, weights: ValueID, dx: ValueID, _ lowering: Lowering
  ) throws(EngineError) {
    let input = try lowering.operand(dy, in: Self.imageForm)
    let kernels = try kernelPoints(of: weights, .backwards, lowering)
    let output = try lowering.define(dx, Self.imageForm)
    let descriptor = try product(from: channels.coarse, to: phases * channels.fine)
    let compiled = try Primitive(descriptor)
    let (fine, coarse) = (finePoint * points, coarsePoint * points)
    let orders = try orders(with: descriptor.weights)
    lowering.emit(
      name, implementation: "winograd \(compiled.implementation)",
      multiplyAdds: multiplyAdds, reads: [input, kernels], writes: [output],
      scratchBytes: (fine + coarse) * 4 + compiled.scratchpad.byteCount
    ) { (addresses) throws(EngineError) in
      let scratch = addresses.scratch.assumingMemoryBound(to: Float.self)
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      let products = try bind(
        try product(from: channels.coarse, to: phases * channels.fine),
        scratch: addresses.scratch + (fine + coarse) * 4,
        [
          (.source, orders.1, scratch + fine, coarsePoint),
          (.weights, orders.2, addresses.floats(kernels), kernelPoint),
          (.destination, orders.0, scratch, finePoint),
        ])
      return WinogradStep(
        chunks: chunks, threads: threads, products: products,
        before: { chunk, part, parts in
          coarseToPoints(chunk, source, scratch + fine, part, parts)
        },
        after: { chunk, part, parts in
          let tiles = tiles(pointStride: finePoint)
          forEachPlane(of: chunk, blocks: fineBlocks, part, parts) { image, place, block in
            loops.toFine(
              target + (image * fineBlocks + block) * finePlane,
              scratch + (block * tilesInChunk + place * tilesOfImage) * 16, tiles)
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
    let order = try kernelOrder()
    let output = try lowering.define(
      dw, try Form(order, shape: lowering.shape(dw)))
    let inner = phases * channels.fine
    let orders = try orders(
      with: try MemoryDescriptor(kernelBlocks: [channels.coarse, inner, 1, 1], .float32))
    func product() throws(EngineError) -> PrimitiveDescriptor {
      try PrimitiveDescriptor(
        convolutionWeightGradient: geometry, algorithm: .direct, source: orders.0,
        weightsGradient: orders.2, biasGradient: nil, destinationGradient: orders.1)
    }
    let compiled = try Primitive(try product())
    let (fine, coarse) = (finePoint * points, coarsePoint * points)
    let kernel = kernelPoint * points
    let taps = side * side
    lowering.emit(
      name, implementation: "winograd \(compiled.implementation)",
      multiplyAdds: multiplyAdds, reads: [inputs.0, inputs.1], writes: [output],
      scratchBytes: (fine + coarse + kernel) * 4 + compiled.scratchpad.byteCount
    ) { (addresses) throws(EngineError) in
      let scratch = addresses.scratch.assumingMemoryBound(to: Float.self)
      let (x, dy) = (addresses.floats(inputs.0), addresses.floats(inputs.1))
      let target = addresses.floats(output)
      let results = scratch + fine + coarse
      let products = try bind(
        try product(), scratch: addresses.scratch + (fine + coarse + kernel) * 4,
        [
          (.source, orders.0, scratch, finePoint),
          (.destinationGradient, orders.1, scratch + fine, coarsePoint),
          (.weightsGradient, orders.2, results, kernelPoint),
        ])
      return WinogradStep(
        chunks: chunks, threads: threads, products: products,
        before: { chunk, part, parts in
          fineToPoints(chunk, x, scratch, part, parts)
          coarseToPoints(chunk, dy, scratch + fine, part, parts)
        },
        after: { chunk, part, parts in
          for block in share(fineBlocks * coarseBlocks, part: part, parts: parts) {
            let (o, i) = (block / fineBlocks, block % fineBlocks)
            loops.toKernels(
              target + block * taps * 256, results + (o * phases * fineBlocks + i) * 256,
              kernelPoint, fineBlocks * 256, chunk > 0)
          }
        })
    }
  }
}
