import LoopInterface

extension WinogradConvolution {
  /// Which product a kernel's points are for.
  enum Direction { case forwards, backwards }

  private struct KernelKey: Hashable {
    let weights: ValueID
    let direction: Direction
    let points, stride: Int
  }

  /// Where kernels lie and, with so many blocks in a phase, their points.
  func kernelPointsOrder(phaseBlocks: Int) -> WinogradKernelOrder {
    WinogradKernelOrder(side: side, pointStride: kernelPoint, phaseStride: phaseBlocks * blockPairs)
  }

  /// The points of the weights, made once for all convolutions with them.
  func kernelPoints(
    of weights: ValueID, _ direction: Direction, _ lowering: Lowering
  ) throws(EngineError) -> BufferID {
    let key = KernelKey(
      weights: weights, direction: direction, points: points, stride: loops.stride)
    if let (known, _) = lowering.workspaces[key] { return known }
    let order = try kernelOrder()
    let kernels = try lowering.operand(weights, as: order)
    let result = lowering.newBuffer(points * kernelPoint * 4)
    lowering.workspaces[key] = (result, order)
    let (inner, outer) = (fineBlocks, coarseBlocks)
    let taps = side * side
    let pointsOrder = kernelPointsOrder(
      phaseBlocks: direction == .forwards ? inner : inner * outer)
    lowering.emit("WinogradKernels", reads: [kernels], writes: [result]) { addresses in
      let (source, target) = (addresses.floats(kernels), addresses.floats(result))
      return ParallelStep(threads: threads) { part, parts in
        // In the order of what is written, which is more than what is read.
        for block in share(inner * outer, part: part, parts: parts) {
          switch direction {
          case .forwards:
            let (o, i) = (block / inner, block % inner)
            loops.fromKernels(
              target + (o * phases * inner + i) * blockPairs, source + block * taps * blockPairs,
              pointsOrder,
              false)
          case .backwards:
            let (i, o) = (block / outer, block % outer)
            loops.fromKernels(
              target + block * blockPairs, source + (o * inner + i) * taps * blockPairs,
              pointsOrder, true)
          }
        }
      }
    }
    return result
  }
}
