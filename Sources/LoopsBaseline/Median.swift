import CProcessor
import LoopInterface

func makeRankLoops() -> RankLoops {
  RankLoops(
    median3UInt8: median3UInt8, median3UInt16: median3UInt16, median3Float: median3Float,
    median5UInt8: median5UInt8, median5UInt16: median5UInt16, median5Float: median5Float,
    medianOfTile: medianOfTile)
}

// MARK: - Three by three

private func median3UInt8(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  inBlocks(of: count, reading: below, writing: output) { first, count in
    median3(above + first, middle + first, below + first, step, count, output + first)
  }
}

private func median3UInt16(
  _ above: UnsafePointer<UInt16>, _ middle: UnsafePointer<UInt16>, _ below: UnsafePointer<UInt16>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt16>
) {
  median3(above, middle, below, step, count, output)
}

private func median3Float(
  _ above: UnsafePointer<Float>, _ middle: UnsafePointer<Float>, _ below: UnsafePointer<Float>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<Float>
) {
  median3(above, middle, below, step, count, output)
}

/// Of the sorted columns: the largest of the smallest, the middle of the middle and the smallest of
/// the largest samples; the middle one of these (Devillard 1998).
@inline(__always)
private func median3<Sample: Comparable>(
  _ above: UnsafePointer<Sample>, _ middle: UnsafePointer<Sample>, _ below: UnsafePointer<Sample>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<Sample>
) {
  for x in 0..<count {
    let a = sorted(above[x &- step], middle[x &- step], below[x &- step])
    let b = sorted(above[x], middle[x], below[x])
    let c = sorted(above[x &+ step], middle[x &+ step], below[x &+ step])
    output[x] = median(
      higher(a.0, higher(b.0, c.0)), median(a.1, b.1, c.1), lower(a.2, lower(b.2, c.2)))
  }
}

// MARK: - Five by five

/// Samples from plane to plane: more than `RankLoops.tileLength`, so that planes do not compete for the same
/// places of the cache. A literal, so that the compiler knows that planes do not overlap.
private let planeLength = 576

private func median5UInt8(
  _ rows: UnsafePointer<UnsafePointer<UInt8>>, _ height: Int, _ step: Int, _ width: Int,
  _ outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>
) {
  median5(rows, height, step, width, outputs)
}

private func median5UInt16(
  _ rows: UnsafePointer<UnsafePointer<UInt16>>, _ height: Int, _ step: Int, _ width: Int,
  _ outputs: UnsafePointer<UnsafeMutablePointer<UInt16>>
) {
  median5(rows, height, step, width, outputs)
}

private func median5Float(
  _ rows: UnsafePointer<UnsafePointer<Float>>, _ height: Int, _ step: Int, _ width: Int,
  _ outputs: UnsafePointer<UnsafeMutablePointer<Float>>
) {
  median5(rows, height, step, width, outputs)
}

/// Two rows of windows at a time, which share four of their rows (the idea of Adams, “Fast median filters
/// using separable sorting networks”, 2021): every row's five neighbors are sorted, pairs of rows
/// merged, and of two pairs the six samples found that can be a median of either window.
@inline(__always)
private func median5<Sample: Comparable & BitwiseCopyable>(
  _ rows: UnsafePointer<UnsafePointer<Sample>>, _ height: Int, _ step: Int, _ width: Int,
  _ outputs: UnsafePointer<UnsafeMutablePointer<Sample>>
) {
  let length = planeLength
  let count = width
  // Whole vectors: a loop over what is left of one would take longer.
  let width = (count &+ 63) & ~63
  // Safe: 6 sorted rows of 5 planes, a merged pair of 10 and 2 rows of results, each plane of a tile's
  // length.
  withUnsafeTemporaryAllocation(of: Sample.self, capacity: 42 &* length) { planes in
    guard let sorted = planes.baseAddress else { return }
    let pair = sorted + 30 &* length
    func sortedRow(_ row: Int) -> UnsafeMutablePointer<Sample> { sorted + row % 6 &* 5 &* length }
    for row in 0..<4 { sortRow(rows[row], step, width, into: sortedRow(row)) }
    mergeRows(sortedRow(1), sortedRow(2), width, into: pair)
    var y = 0
    while y < height {
      for row in min(y &+ 2, height)..<min(y &+ 4, height) { fetchToWrite(outputs[row], count) }
      for row in y &+ 4..<y &+ 6 { sortRow(rows[row], step, width, into: sortedRow(row)) }
      findMedians(
        sortedRow(y), sortedRow(y &+ 3), sortedRow(y &+ 4), sortedRow(y &+ 5), width, pair)
      outputs[y].update(from: pair + 10 &* length, count: count)
      outputs[y &+ 1].update(from: pair + 11 &* length, count: count)
      y &+= 2
    }
  }
}

/// Asks for the memory of results that are computed next: a tile's rows lie apart, which no processor
/// foresees.
@inline(__always)
private func fetchToWrite<Sample>(_ row: UnsafeMutablePointer<Sample>, _ count: Int) {
  for offset in stride(from: 0, to: count &* MemoryLayout<Sample>.stride, by: 64) {
    processor_fetch_to_write(UnsafeMutableRawPointer(row), offset)
  }
}

/// Sorts every five neighbors of a row; the smallest in the first plane.
@inline(__always)
private func sortRow<Sample: Comparable>(
  _ row: UnsafePointer<Sample>, _ step: Int, _ width: Int,
  into planes: UnsafeMutablePointer<Sample>
) {
  for x in 0..<width {
    var (a, b, c) = (row[x &- 2 &* step], row[x &- step], row[x])
    var (d, e) = (row[x &+ step], row[x &+ 2 &* step])
    order(&a, &b)
    order(&d, &e)
    order(&c, &e)
    order(&c, &d)
    order(&a, &d)
    order(&a, &c)
    order(&b, &e)
    order(&b, &d)
    order(&b, &c)
    store((a, b, c, d, e), planes + x)
  }
}

/// Merges what was sorted in two rows.
@inline(__always)
private func mergeRows<Sample: Comparable>(
  _ a: UnsafePointer<Sample>, _ b: UnsafePointer<Sample>, _ width: Int,
  into planes: UnsafeMutablePointer<Sample>
) {
  for x in 0..<width { store(merged(five(a + x), five(b + x)), planes + x) }
}

/// The medians with one row above the other four and with one below, in two planes behind the merged pair.
/// The third and fourth row merged take the place of the pair: they are the first and second one of the
/// next windows.
///
/// Never inlined, and all is read before anything is written: so the compiler sees few things that might
/// overlap.
@inline(never)
private func findMedians<Sample: Comparable>(
  _ above: UnsafePointer<Sample>, _ third: UnsafePointer<Sample>, _ fourth: UnsafePointer<Sample>,
  _ below: UnsafePointer<Sample>, _ width: Int, _ pair: UnsafeMutablePointer<Sample>
) {
  let length = planeLength
  for x in 0..<width {
    let a = ten(pair + x)
    let b = merged(five(third + x), five(fourth + x))
    // Of the twenty samples those that can be of rank 8 to 13: an odd–even merge, as far as they need it.
    let even = merged((a.0, a.2, a.4, a.6, a.8), (b.0, b.2, b.4, b.6, b.8))
    let odd = merged((a.1, a.3, a.5, a.7, a.9), (b.1, b.3, b.5, b.7, b.9))
    let six = (
      lower(odd.3, even.4), higher(odd.3, even.4), lower(odd.4, even.5), higher(odd.4, even.5),
      lower(odd.5, even.6), higher(odd.5, even.6)
    )
    let (upper, lower) = (median(six, five(above + x)), median(six, five(below + x)))
    store(b, pair + x)
    pair[x &+ 10 &* length] = upper
    pair[x &+ 11 &* length] = lower
  }
}

private typealias Ten<Sample> = (
  Sample, Sample, Sample, Sample, Sample, Sample, Sample, Sample, Sample, Sample
)
private typealias Five<Sample> = (Sample, Sample, Sample, Sample, Sample)
private typealias Six<Sample> = (Sample, Sample, Sample, Sample, Sample, Sample)

/// A sample of each of five planes.
@inline(__always)
private func five<Sample>(_ plane: UnsafePointer<Sample>) -> Five<Sample> {
  let length = planeLength
  return (
    plane[0], plane[length], plane[2 &* length], plane[3 &* length], plane[4 &* length]
  )
}

@inline(__always)
private func store<Sample>(_ samples: Five<Sample>, _ plane: UnsafeMutablePointer<Sample>) {
  let length = planeLength
  plane[0] = samples.0
  plane[length] = samples.1
  plane[2 &* length] = samples.2
  plane[3 &* length] = samples.3
  plane[4 &* length] = samples.4
}

/// A sample of each of ten planes.
@inline(__always)
private func ten<Sample>(_ plane: UnsafePointer<Sample>) -> Ten<Sample> {
  let (low, high) = (five(plane), five(plane + 5 &* planeLength))
  return (low.0, low.1, low.2, low.3, low.4, high.0, high.1, high.2, high.3, high.4)
}

@inline(__always)
private func store<Sample>(_ samples: Ten<Sample>, _ plane: UnsafeMutablePointer<Sample>) {
  store((samples.0, samples.1, samples.2, samples.3, samples.4), plane)
  store((samples.5, samples.6, samples.7, samples.8, samples.9), plane + 5 &* planeLength)
}

/// The middle of six and five samples in order: in it the i lowest of the one meet the 6 − i lowest of
/// the other.
@inline(__always)
private func median<Sample: Comparable>(_ a: Six<Sample>, _ b: Five<Sample>) -> Sample {
  let low = lower(a.5, lower(higher(a.4, b.0), higher(a.3, b.1)))
  return lower(low, lower(higher(a.2, b.2), lower(higher(a.1, b.3), higher(a.0, b.4))))
}

// MARK: - Networks (Batcher's odd–even merges)

@inline(__always)
func lower<Sample: Comparable>(_ a: Sample, _ b: Sample) -> Sample { a < b ? a : b }

@inline(__always)
func higher<Sample: Comparable>(_ a: Sample, _ b: Sample) -> Sample { a > b ? a : b }

@inline(__always)
private func order<Sample: Comparable>(_ a: inout Sample, _ b: inout Sample) {
  (a, b) = (lower(a, b), higher(a, b))
}

@inline(__always)
private func sorted<Sample: Comparable>(_ a: Sample, _ b: Sample, _ c: Sample)
  -> (Sample, Sample, Sample)
{
  var (a, b, c) = (a, b, c)
  order(&a, &b)
  order(&b, &c)
  order(&a, &b)
  return (a, b, c)
}

@inline(__always)
private func median<Sample: Comparable>(_ a: Sample, _ b: Sample, _ c: Sample) -> Sample {
  higher(lower(a, b), lower(higher(a, b), c))
}

@inline(__always)
private func merged<Sample: Comparable>(_ a: (Sample, Sample), _ b: (Sample, Sample))
  -> (Sample, Sample, Sample, Sample)
{
  let (low, high) = (higher(a.0, b.0), lower(a.1, b.1))
  return (lower(a.0, b.0), lower(low, high), higher(low, high), higher(a.1, b.1))
}

@inline(__always)
private func merged<Sample: Comparable>(
  _ a: (Sample, Sample, Sample), _ b: (Sample, Sample, Sample)
) -> Six<Sample> {
  let even = merged((a.0, a.2), (b.0, b.2))
  let (low, high) = (lower(a.1, b.1), higher(a.1, b.1))
  return (
    even.0, lower(low, even.1), higher(low, even.1), lower(high, even.2), higher(high, even.2),
    even.3
  )
}

@inline(__always)
private func merged<Sample: Comparable>(_ a: Five<Sample>, _ b: Five<Sample>)
  -> Ten<Sample>
{
  let even = merged((a.0, a.2, a.4), (b.0, b.2, b.4))
  let odd = merged((a.1, a.3), (b.1, b.3))
  return (
    even.0, lower(odd.0, even.1), higher(odd.0, even.1), lower(odd.1, even.2),
    higher(odd.1, even.2), lower(odd.2, even.3), higher(odd.2, even.3), lower(odd.3, even.4),
    higher(odd.3, even.4), even.5
  )
}
