/// What each team of a Winograd step works in, the same for all teams.
struct WinogradMemory {
  /// Floats for the points of a chunk's fine planes, of its coarse planes and of kernels, and for kernels.
  var finePoints = 0, coarsePoints = 0, kernelPoints = 0, kernels = 0
  /// Bytes that oneDNN asks for in each product.
  var scratchpad = 0
  /// Products that are computed at once.
  var products = 1

  /// From one team's memory to the next one's.
  var byteCount: Int { floatBytes + products * scratchpadStride }

  private var floatBytes: Int {
    ((finePoints + coarsePoints + kernelPoints + kernels) * 4 + 63) / 64 * 64
  }
  private var scratchpadStride: Int { (scratchpad + 63) / 64 * 64 }

  /// A team's part of the memory of all.
  struct Part {
    let finePoints, coarsePoints, kernelPoints, kernels: UnsafeMutablePointer<Float>
    /// One for each product at work.
    let scratchpads: [UnsafeMutableRawPointer]
  }

  func part(of team: Int, in memory: UnsafeMutableRawPointer) -> Part {
    let start = memory + team * byteCount
    let fine = start.assumingMemoryBound(to: Float.self)
    let coarse = fine + finePoints
    let points = coarse + coarsePoints
    return Part(
      finePoints: fine, coarsePoints: coarse, kernelPoints: points, kernels: points + kernelPoints,
      scratchpads: (0..<products).map { start + floatBytes + $0 * scratchpadStride })
  }
}
