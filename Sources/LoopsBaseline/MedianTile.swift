import LoopInterface

/// The median of windows of any odd size, by thresholds: it is at least `t` exactly where no more than
/// half of the window lies below `t`, which sums of ones and noughts tell. Bit after bit of all medians is
/// found, and thresholds between which none of the tile lies are left out.
func medianOfTile(_ tile: RankTile) {
  // So that the length of every loop is known when it is compiled.
  switch tile.columns {
  case 256: findMedians(tile, columns: 256)
  default: findMedians(tile, columns: 512)
  }
}

@inline(__always)
private func findMedians(_ tile: RankTile, columns: Int) {
  // Safe: the sums of a batch's rows, and as many rows of runs or, for the wide windows of one row at a
  // time, three rows of runs and counts of two bytes.
  withUnsafeTemporaryAllocation(byteCount: (4 &* batch &+ 14) &* columns, alignment: 64) { memory in
    guard let memory = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let count = columns &* tile.height
    tile.results.update(repeating: 0, count: count)
    let (lowest, highest) = extent(
      tile.samples, columns: columns, rows: tile.height &+ tile.size &- 1, tile.usedColumns)
    for bit in [128, 64, 32, 16, 8, 4, 2, 1] {
      let found = ~UInt8(truncatingIfNeeded: 2 &* bit &- 1)
      // What lies behind a row's medians would bring thresholds of its own.
      for row in 0..<tile.height {
        let end = tile.results + (row &* columns &+ tile.width)
        end.update(repeating: end[-1], count: columns &- tile.width)
      }
      for first in stride(from: 0, to: 256, by: 2 &* bit)
      where first &+ bit <= Int(highest) && first &+ 2 &* bit > Int(lowest) {
        let start = UInt8(truncatingIfNeeded: first)
        guard contains(start, under: found, tile.results, count) else { continue }
        let vote = Vote(
          threshold: UInt8(truncatingIfNeeded: first &+ bit), start: start, mask: found,
          gain: UInt8(truncatingIfNeeded: bit))
        if vote.threshold > lowest {
          vote.take(of: tile, columns: columns, memory)
        } else {
          for x in 0..<count { tile.results[x] = vote.applied(to: tile.results[x], 0, half: 0) }
        }
      }
    }
  }
}

/// The smallest and largest sample of the columns that are used.
@inline(__always)
private func extent(_ samples: UnsafePointer<UInt8>, columns: Int, rows: Int, _ used: Int)
  -> (UInt8, UInt8)
{
  var (low, high) = (UInt8.max, UInt8.min)
  for row in 0..<rows {
    let samples = samples + row &* columns
    for x in 0..<used { low = min(low, samples[x]) }
    for x in 0..<used { high = max(high, samples[x]) }
  }
  return (low, high)
}

@inline(__always)
private func contains(
  _ start: UInt8, under mask: UInt8, _ results: UnsafePointer<UInt8>, _ count: Int
) -> Bool {
  var nearest = UInt8.max
  for x in 0..<count { nearest = min(nearest, results[x] & mask ^ start) }
  return nearest == 0
}

/// What a median gains that is not below a threshold, if its bits under the mask are `start`.
private struct Vote {
  let threshold, start, mask, gain: UInt8

  @inline(__always)
  func applied<Count: Comparable>(to result: UInt8, _ count: Count, half: Count) -> UInt8 {
    let gained: UInt8 = count <= half ? gain : 0
    return result &+ (result & mask == start ? gained : 0)
  }

  /// Each stage takes several rows: what was just written could not be read at another offset without
  /// waiting for it.
  @inline(__always)
  func take(of tile: RankTile, columns: Int, _ memory: UnsafeMutablePointer<UInt8>) {
    let size = tile.size
    // Of a row of sums: behind the last ones more is read, which counts for nothing.
    let length = 2 &* columns
    let runs = memory + batch &* length
    let current = memory + (2 &* batch &+ 6) &* length
    for x in 0..<columns { current[x] = 0 }
    for row in 0..<size &- 1 {
      let entering = tile.samples + row &* columns
      for x in 0..<columns { current[x] = current[x] &+ (entering[x] < threshold ? 1 : 0) }
    }
    var first = 0
    while first < tile.height {
      let rows = min(batch, tile.height &- first)
      for row in 0..<rows {
        let sums = memory + row &* length
        let entering = tile.samples + (first &+ row &+ size &- 1) &* columns
        for x in 0..<columns {
          let sum = current[x] &+ (entering[x] < threshold ? 1 : 0)
          current[x] = sum
          sums[x] = sum
        }
        let leaving = tile.samples + (first &+ row) &* columns
        for x in 0..<columns { current[x] = current[x] &- (leaving[x] < threshold ? 1 : 0) }
      }
      if columns == 256 {
        for row in 0..<rows {
          let (sums, runs) = (memory + row &* length, runs + row &* length)
          for x in 0..<columns { runs[x] = sums[x] &+ sums[x &+ 1] &+ sums[x &+ 2] }
        }
      }
      for row in 0..<rows {
        take(
          size, memory + row &* length, runs + row &* length, columns: columns,
          tile.results + (first &+ row) &* columns)
      }
      first &+= batch
    }
  }

  /// The votes of a row of windows. Counts that fit 8 bits are put together from sums of three columns.
  @inline(__always)
  private func take(
    _ size: Int, _ sums: UnsafeMutablePointer<UInt8>, _ runs: UnsafeMutablePointer<UInt8>,
    columns: Int, _ results: UnsafeMutablePointer<UInt8>
  ) {
    let half = UInt8(truncatingIfNeeded: (size &* size &- 1) / 2)
    switch size {
    case 7:
      for x in 0..<columns {
        let count = runs[x] &+ runs[x &+ 3] &+ sums[x &+ 6]
        results[x] = applied(to: results[x], count, half: half)
      }
    case 9:
      for x in 0..<columns {
        let count = runs[x] &+ runs[x &+ 3] &+ runs[x &+ 6]
        results[x] = applied(to: results[x], count, half: half)
      }
    case 11:
      for x in 0..<columns {
        let count = runs[x] &+ runs[x &+ 3] &+ runs[x &+ 6] &+ sums[x &+ 9] &+ sums[x &+ 10]
        results[x] = applied(to: results[x], count, half: half)
      }
    case 13:
      for x in 0..<columns {
        let count = runs[x] &+ runs[x &+ 3] &+ runs[x &+ 6] &+ runs[x &+ 9] &+ sums[x &+ 12]
        results[x] = applied(to: results[x], count, half: half)
      }
    case 15:
      for x in 0..<columns {
        let count = runs[x] &+ runs[x &+ 3] &+ runs[x &+ 6] &+ runs[x &+ 9] &+ runs[x &+ 12]
        results[x] = applied(to: results[x], count, half: half)
      }
    default:
      let counts = wideCounts(size, sums, runs, columns: columns)
      let half = UInt16(truncatingIfNeeded: (size &* size &- 1) / 2)
      for x in 0..<columns { results[x] = applied(to: results[x], counts[x], half: half) }
    }
  }
}

/// Rows of a stage.
private let batch = 8

/// Counts of windows of any size: runs of 1, 4, 16 and 64 columns, as many of each as the size has in
/// base 4.
@inline(__always)
private func wideCounts(
  _ size: Int, _ sums: UnsafeMutablePointer<UInt8>, _ memory: UnsafeMutablePointer<UInt8>,
  columns: Int
) -> UnsafePointer<UInt16> {
  let memory = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt16.self)
  var (runs, longer) = (memory, memory + 2 &* columns)
  let counts = memory + 4 &* columns
  for x in 0..<columns { runs[x] = UInt16(truncatingIfNeeded: sums[x]) }
  for x in 0..<columns { counts[x] = 0 }
  var (length, done) = (1, 0)
  while true {
    for _ in 0..<size / length % 4 {
      let run = runs + done
      for x in 0..<columns { counts[x] = counts[x] &+ run[x] }
      done &+= length
    }
    if 4 &* length > size { return UnsafePointer(counts) }
    let (a, b, c, d) = (runs, runs + length, runs + 2 &* length, runs + 3 &* length)
    for x in 0..<columns { longer[x] = a[x] &+ b[x] &+ c[x] &+ d[x] }
    swap(&runs, &longer)
    length &*= 4
  }
}
