import LoopInterface

extension WinogradConvolution {
  // The scratch memory of a step holds all points of a chunk; images and blocks lie within theirs.

  func forEachPlane(
    of chunk: WinogradChunk, blocks: Int, _ part: Int, _ parts: Int,
    _ body: (_ image: Int, _ place: Int, _ block: Int) -> Void
  ) {
    let images = images(of: chunk)
    for unit in share(images.count * blocks, part: part, parts: parts) {
      let place = unit / blocks
      body(images.lowerBound + place, place, unit % blocks)
    }
  }

  func fineToPoints(
    _ chunk: WinogradChunk, _ source: UnsafePointer<Float>, _ points: UnsafeMutablePointer<Float>,
    _ part: Int, _ parts: Int
  ) {
    let tiles = tiles(of: chunk, pointStride: finePoint)
    forEachPlane(of: chunk, blocks: fineBlocks, part, parts) { image, place, block in
      loops.fromFine(
        points + (block * tilesInChunk + place * tilesOfImage) * channelBlock,
        source + finePlane(image, block), tiles)
    }
    clearRest(of: chunk, points, blocks: phases * fineBlocks, finePoint, part, parts)
  }

  func coarseToPoints(
    _ chunk: WinogradChunk, _ source: UnsafePointer<Float>, _ points: UnsafeMutablePointer<Float>,
    _ part: Int, _ parts: Int
  ) {
    let tiles = tiles(of: chunk, pointStride: coarsePoint)
    forEachPlane(of: chunk, blocks: coarseBlocks, part, parts) { image, place, block in
      loops.fromCoarse(
        points + (block * tilesInChunk + place * tilesOfImage) * channelBlock,
        source + coarsePlane(image, block, in: chunk), tiles)
    }
    clearRest(of: chunk, points, blocks: coarseBlocks, coarsePoint, part, parts)
  }

  /// The last chunk may have fewer images or rows; what is left of its points is zero, as sums over tiles
  /// need it.
  private func clearRest(
    of chunk: WinogradChunk, _ memory: UnsafeMutablePointer<Float>, blocks: Int, _ pointStride: Int,
    _ part: Int, _ parts: Int
  ) {
    let used = images(of: chunk).count * rows(of: chunk).count * tiles.columns
    guard used < tilesInChunk else { return }
    for row in share(points * blocks, part: part, parts: parts) {
      let (point, block) = (row / blocks, row % blocks)
      (memory + point * pointStride + (block * tilesInChunk + used) * channelBlock).update(
        repeating: 0, count: (tilesInChunk - used) * channelBlock)
    }
  }
}
