/// What each team of a Winograd step works in, the same for all teams.
struct WinogradMemory {
  /// Floats for the points of a chunk's fine planes, of its coarse planes and of kernels, and for kernels.
  var finePoints = 0, coarsePoints = 0, kernelPoints = 0, kernels = 0
  /// Bytes that oneDNN asks for.
  var scratchpad = 0

  /// From one team's memory to the next one's.
  var byteCount: Int {
    let bytes = (finePoints + coarsePoints + kernelPoints + kernels) * 4 + scratchpad
    return (bytes + 63) / 64 * 64
  }

  /// A team's part of the memory of all.
  struct Part {
    let finePoints, coarsePoints, kernelPoints, kernels: UnsafeMutablePointer<Float>
    let scratchpad: UnsafeMutableRawPointer
  }

  func part(of team: Int, in memory: UnsafeMutableRawPointer) -> Part {
    let fine = (memory + team * byteCount).assumingMemoryBound(to: Float.self)
    let coarse = fine + finePoints
    let points = coarse + coarsePoints
    let sum = points + kernelPoints
    return Part(
      finePoints: fine, coarsePoints: coarse, kernelPoints: points, kernels: sum,
      scratchpad: UnsafeMutableRawPointer(sum + kernels))
  }
}
