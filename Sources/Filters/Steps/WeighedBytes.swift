import Images
import LoopInterface

/// 3 × 3 windows with whole weights over 8-bit pixels, their colors weighed by alpha: the same results as
/// ``WeighedWindow``'s, from floats that hold them exactly.
struct WeighedBytes: Sendable {
  fileprivate enum Rule {
    /// One part of the weights' sum; what is added to the colors before they are rounded.
    case mean(share: Float, nudge: Float)
    case difference
    case magnitude
  }

  fileprivate let rule: Rule
  /// Nine weights for each kernel, one behind the other.
  fileprivate let weights: [Float]
  fileprivate let geometry: WindowGeometry
  fileprivate let loops: LoopTable

  /// The largest Σ|weight| for which every sum, and what a quotient of sums is away from a tie, fits a float.
  private static let largestSum = 100.0

  /// Nil where the rule, the samples or the finish need ``WeighedWindow``.
  init?(
    _ rule: AlphaRule, _ kernels: [Kernel], _ geometry: WindowGeometry, _ finish: Finish,
    _ loops: LoopTable
  ) {
    guard !kernels.isEmpty, geometry.input.sample == .uint8, geometry.columns.stride == 1,
      geometry.rows.stride == 1, finish.bias == 0, finish.offset == 0, finish.gain == 1,
      !finish.absolute
    else { return nil }
    for kernel in kernels {
      guard kernel.width == 3, kernel.height == 3,
        kernel.weights.allSatisfy({ $0 == $0.rounded() }),
        kernel.weights.reduce(0, { $0 + $1.magnitude }) <= Self.largestSum
      else { return nil }
    }
    switch rule {
    case .mean(let total, _, _):
      // Alpha times the share is alpha over the sum where that is exact, or where there are no ties.
      let isPower = total.significand == 1
      guard total > 0, isPower || !total.truncatingRemainder(dividingBy: 2).isZero,
        total * finish.scale == 1
      else { return nil }
      self.rule = .mean(share: 1 / Float(total), nudge: Float(finish.nudge))
    case .difference(_, let total, _):
      guard total == 0, finish.scale == 1 else { return nil }
      self.rule = kernels.count == 1 ? .difference : .magnitude
    case .largest: return nil
    }
    weights = kernels.flatMap { $0.weights.map { Float($0) } }
    self.geometry = geometry
    self.loops = loops
  }
}

final class WeighedBytesWorker {
  private let step: WeighedBytes
  /// Output columns that are looked at together, and the input's columns under them.
  private let tiles: [Range<Int>]
  private let sources: [Range<Int>]
  /// Three rows of weighed pixels under a run, by turns, each of `channels` planes of `pitch` floats.
  private let planes: Scratch<Float>
  /// A run's sums by each kernel.
  private let sums: (Scratch<Float>, Scratch<Float>)
  private let pitch: Int

  private static let longestRun = 512

  init(_ step: WeighedBytes) {
    self.step = step
    let geometry = step.geometry
    let width = geometry.output.width
    let tiles = stride(from: 0, to: width, by: OpaqueTiles.width).map {
      $0..<min(width, $0 + OpaqueTiles.width)
    }
    self.tiles = tiles
    sources = tiles.map {
      geometry.border.sources(
        of: geometry.columns.indices(under: $0), count: geometry.input.width)
    }
    pitch = min(Self.longestRun, width) + 2
    let channels = geometry.input.channels
    planes = Scratch(3 * channels * pitch, filledWith: 0)
    let count = channels * pitch
    sums = (Scratch(count, filledWith: 0), Scratch(count, filledWith: 0))
  }

  /// The output's columns under which something is wanted, neighbors together.
  func runs(where isWanted: (_ sources: Range<Int>) -> Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for (tile, sources) in zip(tiles, sources) where isWanted(sources) {
      if let last = runs.last, last.upperBound == tile.lowerBound {
        runs[runs.count - 1] = last.lowerBound..<tile.upperBound
      } else {
        runs.append(tile)
      }
    }
    return runs
  }

  /// Computes these columns of a strip; `output` is the strip's first row.
  func compute(
    _ strip: Range<Int>, _ columns: Range<Int>, from input: InputRows,
    into output: UnsafeMutableRawPointer
  ) {
    var first = columns.lowerBound
    while first < columns.upperBound {
      let run = first..<min(columns.upperBound, first + Self.longestRun)
      let rows = step.geometry.rows.indices(under: strip)
      for row in rows.prefix(2) { weigh(row, run, from: input) }
      for row in strip {
        let top = row - step.geometry.rows.before
        weigh(top + 2, run, from: input)
        let place =
          output + (row - strip.lowerBound) * step.geometry.output.bytesPerRow
          + run.lowerBound * step.geometry.output.channels
        finish(top, row, run, from: input, into: place.assumingMemoryBound(to: UInt8.self))
      }
      first = run.upperBound
    }
  }

  /// The place of a row's planes.
  private func planes(of row: Int) -> UnsafeMutablePointer<Float> {
    planes.start + (row + 3) % 3 * step.geometry.input.channels * pitch
  }

  /// The windows of a row from this top row on.
  private func finish(
    _ top: Int, _ row: Int, _ run: Range<Int>, from input: InputRows,
    into place: UnsafeMutablePointer<UInt8>
  ) {
    let (geometry, loops, count) = (step.geometry, step.loops.weighed, run.count)
    let channels = geometry.input.channels
    let rows = (
      above: UnsafePointer(planes(of: top)), middle: UnsafePointer(planes(of: top + 1)),
      below: UnsafePointer(planes(of: top + 2))
    )
    let (first, second) = (sums.0.start, sums.1.start)
    if step.weights.count == 9 {
      loops.sum(rows, step.weights, channels, pitch, count, first)
    } else {
      loops.sumPairs(rows, step.weights, channels, pitch, count, first, second)
    }
    let center =
      input.samples(geometry.rows.center(of: row), as: UInt8.self)
      + geometry.columns.center(of: run.lowerBound) * channels
    switch step.rule {
    case .mean(let share, let nudge):
      loops.mean(first, pitch, share, nudge, channels, count, place)
    case .difference: loops.difference(first, pitch, center, channels, count, place)
    case .magnitude:
      loops.magnitude(first, second, pitch, center, channels, count, place)
    }
  }

  /// Weighs the pixels of a row under a run, and those that the border puts beside it.
  private func weigh(_ row: Int, _ run: Range<Int>, from input: InputRows) {
    let (geometry, loops) = (step.geometry, step.loops.weighed)
    let (width, channels) = (geometry.input.width, geometry.input.channels)
    let columns = geometry.columns.indices(under: run)
    let place = planes(of: row)
    guard let source = geometry.border.source(of: row, count: geometry.input.height) else {
      for x in 0..<columns.count { putConstant(place + x) }
      return
    }
    let pixels = input.samples(source, as: UInt8.self)
    let inside = columns.clamped(to: 0..<width)
    loops.weigh(
      pixels + inside.lowerBound * channels, channels, inside.count,
      place + (inside.lowerBound - columns.lowerBound), pitch)
    for x in [columns.lowerBound, columns.upperBound - 1] where !inside.contains(x) {
      let to = place + (x - columns.lowerBound)
      if let column = geometry.border.source(of: x, count: width) {
        loops.weigh(pixels + column * channels, channels, 1, to, pitch)
      } else {
        putConstant(to)
      }
    }
  }

  /// A constant border is opaque.
  private func putConstant(_ place: UnsafeMutablePointer<Float>) {
    let geometry = step.geometry
    let value = SampleReader(layout: geometry.input, loops: step.loops)
      .borderValue(geometry.border)
    for plane in 0..<geometry.input.colorChannels { place[plane * pitch] = Float(value * 255) }
    place[geometry.input.colorChannels * pitch] = 255
  }
}
