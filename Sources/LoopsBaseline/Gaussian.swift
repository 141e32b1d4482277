import LoopInterface

func makeGaussianLoops() -> GaussianLoops {
  GaussianLoops(columns: columns, row: row)
}

/// Samples that are finished before the next ones: their sums stay in the first-level cache.
private let block = 2_048
/// Pairs of rows that one pass takes: more would run out of registers for their addresses.
private let groupSize = 6

private func columns(
  _ centre: UnsafePointer<UInt8>, _ before: UnsafePointer<UnsafePointer<UInt8>>,
  _ after: UnsafePointer<UnsafePointer<UInt8>>, _ weights: UnsafePointer<Float>, _ pairs: Int,
  _ count: Int, _ output: UnsafeMutablePointer<Float>
) {
  var start = 0
  while start < count {
    let length = min(block, count - start)
    let sums = output + start
    let (first, scale) = (centre + start, weights[0])
    for x in 0..<length { sums[x] = scale * number(first[x]) }
    var done = 0
    while done < pairs {
      let size = min(groupSize, pairs - done)
      let (a, b, w) = (before + done, after + done, weights + 1 + done)
      switch size {
      case 1: addPairs(1, a, b, w, start, length, sums)
      case 2: addPairs(2, a, b, w, start, length, sums)
      case 3: addPairs(3, a, b, w, start, length, sums)
      case 4: addPairs(4, a, b, w, start, length, sums)
      case 5: addPairs(5, a, b, w, start, length, sums)
      default: addPairs(6, a, b, w, start, length, sums)
      }
      done += size
    }
    start += length
  }
}

/// `sums[x] += Σ weights[k] · (before[k][x] + after[k][x])` for `size` values of k; inlined, so that
/// `size` is a constant.
@inline(__always)
private func addPairs(
  _ size: Int, _ before: UnsafePointer<UnsafePointer<UInt8>>,
  _ after: UnsafePointer<UnsafePointer<UInt8>>, _ weights: UnsafePointer<Float>, _ start: Int,
  _ count: Int, _ sums: UnsafeMutablePointer<Float>
) {
  let (a0, b0, w0) = (before[0] + start, after[0] + start, weights[0])
  let (a1, b1, w1) = (
    before[min(1, size - 1)] + start, after[min(1, size - 1)] + start, weights[min(1, size - 1)]
  )
  let (a2, b2, w2) = (
    before[min(2, size - 1)] + start, after[min(2, size - 1)] + start, weights[min(2, size - 1)]
  )
  let (a3, b3, w3) = (
    before[min(3, size - 1)] + start, after[min(3, size - 1)] + start, weights[min(3, size - 1)]
  )
  let (a4, b4, w4) = (
    before[min(4, size - 1)] + start, after[min(4, size - 1)] + start, weights[min(4, size - 1)]
  )
  let (a5, b5, w5) = (
    before[min(5, size - 1)] + start, after[min(5, size - 1)] + start, weights[min(5, size - 1)]
  )
  for x in 0..<count {
    var sum = sums[x] + w0 * number(a0[x], b0[x])
    if size > 1 { sum = sum + w1 * number(a1[x], b1[x]) }
    if size > 2 { sum = sum + w2 * number(a2[x], b2[x]) }
    if size > 3 { sum = sum + w3 * number(a3[x], b3[x]) }
    if size > 4 { sum = sum + w4 * number(a4[x], b4[x]) }
    if size > 5 { sum = sum + w5 * number(a5[x], b5[x]) }
    sums[x] = sum
  }
}

/// A sample as a number: set as the low bits of 2^23, which is then taken away. (A conversion is
/// compiled to one of 64-bit integers, half as many at a time.)
@inline(__always)
private func number(_ sample: UInt8) -> Float {
  Float(bitPattern: 0x4B00_0000 | UInt32(sample)) - 8_388_608
}

/// The sum of two samples as a number.
@inline(__always)
private func number(_ a: UInt8, _ b: UInt8) -> Float {
  Float(bitPattern: 0x4B00_0000 | UInt32(UInt16(a) &+ UInt16(b))) - 8_388_608
}

private func row(
  _ centre: UnsafePointer<Float>, _ step: Int, _ weights: UnsafePointer<Float>, _ pairs: Int,
  _ count: Int, _ sums: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<UInt8>
) {
  var start = 0
  while start < count {
    let length = min(block, count - start)
    let (middle, sums, scale) = (centre + start, sums + start, weights[0])
    for x in 0..<length { sums[x] = scale * middle[x] }
    var done = 0
    while done < pairs {
      let size = min(groupSize, pairs - done)
      let (w, distance) = (weights + 1 + done, (done + 1) * step)
      switch size {
      case 1: addNeighbours(1, middle, distance, step, w, length, sums)
      case 2: addNeighbours(2, middle, distance, step, w, length, sums)
      case 3: addNeighbours(3, middle, distance, step, w, length, sums)
      case 4: addNeighbours(4, middle, distance, step, w, length, sums)
      case 5: addNeighbours(5, middle, distance, step, w, length, sums)
      default: addNeighbours(6, middle, distance, step, w, length, sums)
      }
      done += size
    }
    // 1.5 · 2^23 rounds half to even into the low bits.
    let samples = output + start
    for x in 0..<length {
      samples[x] = UInt8(truncatingIfNeeded: (sums[x] + 12_582_912).bitPattern)
    }
    start += length
  }
}

/// `sums[x] += Σ weights[k] · (centre[x − d] + centre[x + d])` for `size` values of k with
/// d = `distance` + k · `step`; inlined, so that `size` is a constant.
@inline(__always)
private func addNeighbours(
  _ size: Int, _ centre: UnsafePointer<Float>, _ distance: Int, _ step: Int,
  _ weights: UnsafePointer<Float>, _ count: Int, _ sums: UnsafeMutablePointer<Float>
) {
  let (a0, b0, w0) = (centre - distance, centre + distance, weights[0])
  let (a1, b1, w1) = (
    centre - (distance + 1 * step), centre + (distance + 1 * step), weights[min(1, size - 1)]
  )
  let (a2, b2, w2) = (
    centre - (distance + 2 * step), centre + (distance + 2 * step), weights[min(2, size - 1)]
  )
  let (a3, b3, w3) = (
    centre - (distance + 3 * step), centre + (distance + 3 * step), weights[min(3, size - 1)]
  )
  let (a4, b4, w4) = (
    centre - (distance + 4 * step), centre + (distance + 4 * step), weights[min(4, size - 1)]
  )
  let (a5, b5, w5) = (
    centre - (distance + 5 * step), centre + (distance + 5 * step), weights[min(5, size - 1)]
  )
  for x in 0..<count {
    var sum = sums[x] + w0 * (a0[x] + b0[x])
    if size > 1 { sum = sum + w1 * (a1[x] + b1[x]) }
    if size > 2 { sum = sum + w2 * (a2[x] + b2[x]) }
    if size > 3 { sum = sum + w3 * (a3[x] + b3[x]) }
    if size > 4 { sum = sum + w4 * (a4[x] + b4[x]) }
    if size > 5 { sum = sum + w5 * (a5[x] + b5[x]) }
    sums[x] = sum
  }
}
