import CProcessor
import LoopInterface

/// Samples from plane to plane of a block: more than are used, so that they do not compete for the same
/// places of the cache. Literals, so that the compiler knows that planes do not overlap.
private let planeLength = 640
/// Samples of a block's planes that are computed, of which all but the rectangle's reach are results.
private let blockSamples = 512

/// The extremes of columns of a block of both rows, which share all but one sample, then of the rectangle's
/// columns: both in the nearest cache.
@inline(__always)
func rectangle<Sample: BitwiseCopyable>(
  _ rows: RectangleRows<Sample>, neutral: Sample, _ pick: (Sample, Sample) -> Sample
) {
  let reach = (rows.columns &- 1) &* rows.step
  let before = rows.before &* rows.step
  // Safe: two planes of each row's columns and one of what they share, with a plane's length of room.
  withUnsafeTemporaryAllocation(of: Sample.self, capacity: 5 &* planeLength) { memory in
    guard let planes = memory.baseAddress else { return }
    var first = 0
    while first < rows.count {
      let results = min(blockSamples &- reach, rows.count &- first)
      // Samples of the rows that lie under the block's windows; beside the image nothing counts.
      let start = first &- before
      let inside = max(0, start)..<min(rows.count, start &+ results &+ reach)
      if inside.count < results &+ reach {
        for plane in 0..<2 {
          (planes + plane &* planeLength).update(repeating: neutral, count: blockSamples)
        }
      }
      fetchAhead(rows, inside, first, results)
      columnExtremes(rows, inside, planes + (inside.lowerBound &- start), pick)
      rowExtremes(planes, rows, results, rows.upper + first, pick)
      rowExtremes(planes + planeLength, rows, results, rows.lower + first, pick)
      first &+= results
    }
  }
}

/// Asks for the samples of the two rows that come next, and for the memory of the next two rows of results.
///
/// Safe: the addresses may lie outside of everything, for they are only hints.
@inline(__always)
private func fetchAhead<Sample>(
  _ rows: RectangleRows<Sample>, _ inside: Range<Int>, _ first: Int, _ results: Int
) {
  let size = MemoryLayout<Sample>.stride
  let pitch = rows.count &* size
  let last = UnsafeRawPointer(rows.rows[rows.rowCount &- 1] + inside.lowerBound)
  let (upper, lower) = (
    UnsafeMutableRawPointer(rows.upper + first), UnsafeMutableRawPointer(rows.lower + first)
  )
  for offset in stride(from: 0, to: results &* size, by: 64) {
    processor_fetch_to_read(last, offset &+ pitch)
    processor_fetch_to_read(last, offset &+ 2 &* pitch)
    processor_fetch_to_write(upper, offset &+ 2 &* pitch)
    processor_fetch_to_write(lower, offset &+ 2 &* pitch)
  }
}

/// The extremes of the columns under the upper windows, and a plane further those under the lower ones.
@inline(__always)
private func columnExtremes<Sample>(
  _ rows: RectangleRows<Sample>, _ inside: Range<Int>, _ planes: UnsafeMutablePointer<Sample>,
  _ pick: (Sample, Sample) -> Sample
) {
  let (count, x0) = (inside.count, inside.lowerBound)
  let (above, below) = (rows.rows[0] + x0, rows.rows[rows.rowCount &- 1] + x0)
  switch rows.rowCount &- 2 {
  case 0:
    for x in 0..<count {
      planes[x] = above[x]
      planes[x &+ planeLength] = below[x]
    }
  case 2:
    let (a, b) = (rows.rows[1] + x0, rows.rows[2] + x0)
    for x in 0..<count {
      let shared = pick(a[x], b[x])
      planes[x] = pick(shared, above[x])
      planes[x &+ planeLength] = pick(shared, below[x])
    }
  case 4:
    let (a, b) = (rows.rows[1] + x0, rows.rows[2] + x0)
    let (c, d) = (rows.rows[3] + x0, rows.rows[4] + x0)
    for x in 0..<count {
      let shared = pick(pick(a[x], b[x]), pick(c[x], d[x]))
      planes[x] = pick(shared, above[x])
      planes[x &+ planeLength] = pick(shared, below[x])
    }
  default:
    let shared = planes + 2 &* planeLength
    let a = rows.rows[1] + x0
    for x in 0..<count { shared[x] = a[x] }
    var row = 2
    while row &+ 2 < rows.rowCount {
      let (b, c) = (rows.rows[row] + x0, rows.rows[row &+ 1] + x0)
      for x in 0..<count { shared[x] = pick(shared[x], pick(b[x], c[x])) }
      row &+= 2
    }
    if row &+ 1 < rows.rowCount {
      let b = rows.rows[row] + x0
      for x in 0..<count { shared[x] = pick(shared[x], b[x]) }
    }
    for x in 0..<count {
      planes[x] = pick(shared[x], above[x])
      planes[x &+ planeLength] = pick(shared[x], below[x])
    }
  }
}

/// The extremes of runs of columns: of few at once, of many by doubling.
@inline(__always)
private func rowExtremes<Sample>(
  _ plane: UnsafeMutablePointer<Sample>, _ rows: RectangleRows<Sample>, _ count: Int,
  _ output: UnsafeMutablePointer<Sample>, _ pick: (Sample, Sample) -> Sample
) {
  let step = rows.step
  let (a, b, c) = (plane, plane + step, plane + 2 &* step)
  switch rows.columns {
  case 1: for x in 0..<count { output[x] = a[x] }
  case 2: for x in 0..<count { output[x] = pick(a[x], b[x]) }
  case 3: for x in 0..<count { output[x] = pick(pick(a[x], b[x]), c[x]) }
  case 5:
    let (d, e) = (plane + 3 &* step, plane + 4 &* step)
    for x in 0..<count {
      output[x] = pick(pick(pick(a[x], b[x]), pick(c[x], d[x])), e[x])
    }
  default:
    // The second plane further on and the third are free.
    var (runs, longer) = (plane, plane + 2 &* planeLength)
    var length = 1
    while 2 &* length <= rows.columns {
      let other = runs + length &* step
      // Behind the last ones more is read, which counts for nothing.
      for x in 0..<blockSamples { longer[x] = pick(runs[x], other[x]) }
      let free = runs == plane ? plane + 3 &* planeLength : runs
      (runs, longer) = (longer, free)
      length &*= 2
    }
    let other = runs + (rows.columns &- length) &* step
    for x in 0..<count { output[x] = pick(runs[x], other[x]) }
  }
}
