import CProcessor
import LoopInterface

/// Winograd's maps between kernels and points, for blocks of input by blocks of output channels at once.
enum WinogradKernels<Filter: MinimalFilter> {
  typealias Floats = UnsafeMutablePointer<Float>

  /// From a point's channels to those of the next block, which are fetched meanwhile: there are more points
  /// than a processor follows by itself.
  @inline(__always) private static var nextBlock: Int { pairs * 4 }

  /// Pairs of channels.
  @inline(__always) private static var pairs: Int { channelBlock * channelBlock }

  // Kernels hold a float for each pair and tap and points one for each pair, point and phase, as the
  // caller promises; all addresses lie within.

  static func fromKernels(
    _ points: Floats, _ kernels: UnsafePointer<Float>, _ order: WinogradKernelOrder,
    _ turns: Bool
  ) {
    let (n, r, s) = (Filter.points, Filter.taps, Filter.stride)
    let b = channelBlock
    withUnsafeTemporaryAllocation(
      of: PixelLanes.self, capacity: r * r * (b + 1) + n * r + n * n + b
    ) { memory in
      guard let taps = memory.baseAddress else { return }
      let (half, whole) = (taps + r * r, taps + r * r + n * r)
      let blocks = whole + n * n
      for phase in 0..<s &* s {
        for row in 0..<r {
          for column in 0..<r {
            let block = blocks + (row &* r &+ column) &* b
            guard let tap = order.tap(row &* s &+ phase / s, column &* s &+ phase % s) else {
              block.update(repeating: PixelLanes(repeating: 0), count: b)
              continue
            }
            for channel in 0..<b {
              block[channel] = UnsafeRawPointer(kernels + (tap &* pairs &+ channel &* b))
                .load(as: PixelLanes.self)
            }
            if turns { turn(block, blocks + r * r * b) }
          }
        }
        for channel in 0..<b {
          for tap in 0..<r &* r { taps[tap] = blocks[tap &* b &+ channel] }
          for row in 0..<r { Filter.kernel(taps + row &* r, 1, half + row &* n, 1) }
          for column in 0..<n { Filter.kernel(half + column, n, whole + column, n) }
          let target = points + (phase &* order.phaseStride &+ channel &* b)
          for point in 0..<n &* n {
            let place = target + point &* order.pointStride
            processor_fetch_to_write(place, nextBlock)
            UnsafeMutableRawPointer(place).storeBytes(of: whole[point], as: PixelLanes.self)
          }
        }
      }
    }
  }

  /// Turns a block of b × b about its diagonal: log₂ b times, rows i and i + b / 2 are shuffled like two
  /// halves of a deck of cards.
  @inline(__always)
  private static func turn(
    _ block: UnsafeMutablePointer<PixelLanes>, _ other: UnsafeMutablePointer<PixelLanes>
  ) {
    var (from, to) = (block, other)
    for _ in 0..<channelBlock.trailingZeroBitCount {
      for row in 0..<channelBlock / 2 {
        let (a, b) = (from[row], from[row &+ channelBlock / 2])
        var (low, high) = (a, b)
        (low.evenHalf, low.oddHalf) = (a.lowHalf, b.lowHalf)
        (high.evenHalf, high.oddHalf) = (a.highHalf, b.highHalf)
        to[2 &* row] = low
        to[2 &* row &+ 1] = high
      }
      swap(&from, &to)
    }
    if from != block { block.update(from: from, count: channelBlock) }
  }

  static func toKernels(
    _ kernels: Floats, _ points: UnsafePointer<Float>, _ order: WinogradKernelOrder,
    _ adds: Bool
  ) {
    let (n, r, s) = (Filter.points, Filter.taps, Filter.stride)
    let b = channelBlock
    withUnsafeTemporaryAllocation(of: PixelLanes.self, capacity: r * r + n * r + n * n) { memory in
      guard let taps = memory.baseAddress else { return }
      let (half, whole) = (taps + r * r, taps + r * r + n * r)
      for phase in 0..<s &* s {
        for channel in 0..<b {
          let source = points + (phase &* order.phaseStride &+ channel &* b)
          for point in 0..<n &* n {
            let place = source + point &* order.pointStride
            processor_fetch_to_read(place, nextBlock)
            whole[point] = UnsafeRawPointer(place).load(as: PixelLanes.self)
          }
          for row in 0..<n { Filter.kernelTransposed(whole + row &* n, 1, half + row &* r, 1) }
          for column in 0..<r { Filter.kernelTransposed(half + column, r, taps + column, r) }
          for row in 0..<r {
            for column in 0..<r {
              guard let tap = order.tap(row &* s &+ phase / s, column &* s &+ phase % s) else {
                continue
              }
              let place = UnsafeMutableRawPointer(kernels + (tap &* pairs &+ channel &* b))
              var value = taps[row &* r &+ column]
              if adds { value += UnsafeRawPointer(place).load(as: PixelLanes.self) }
              place.storeBytes(of: value, as: PixelLanes.self)
            }
          }
        }
      }
    }
  }
}
