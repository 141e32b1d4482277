import LoopInterface

func makeGaussianLoops() -> GaussianLoops {
  GaussianLoops(columns: columns, row: row)
}

/// Pairs of rows that one pass takes: more would run out of registers for their addresses.
private let groupSize = 8

/// Calls `pass` with the first index and the number of each group of pairs; groups have nearly the
/// same size.
@inline(__always)
private func forEachGroup(
  of pairs: Int, _ pass: (_ first: Int, _ size: Int, _ isFirst: Bool, _ isLast: Bool) -> Void
) {
  let groups = (pairs + groupSize - 1) / groupSize
  var done = 0
  for group in 0..<groups {
    let size = (pairs - done) / (groups - group)
    pass(done, size, group == 0, group == groups - 1)
    done += size
  }
}

private func columns(
  _ centre: UnsafePointer<UInt8>, _ before: UnsafePointer<UnsafePointer<UInt8>>,
  _ after: UnsafePointer<UnsafePointer<UInt8>>, _ weights: UnsafePointer<Float>, _ pairs: Int,
  _ count: Int, _ output: UnsafeMutablePointer<Float>
) {
  let scale = weights[0]
  if pairs == 0 {
    for x in 0..<count { output[x] = scale * number(centre[x]) }
    return
  }
  forEachGroup(of: pairs) { first, size, isFirst, _ in
    let (a, b, w) = (before + first, after + first, weights + 1 + first)
    if isFirst {
      switch size {
      case 1: addRows(1, a, b, w, count, output) { scale * number(centre[$0]) }
      case 2: addRows(2, a, b, w, count, output) { scale * number(centre[$0]) }
      case 3: addRows(3, a, b, w, count, output) { scale * number(centre[$0]) }
      case 4: addRows(4, a, b, w, count, output) { scale * number(centre[$0]) }
      case 5: addRows(5, a, b, w, count, output) { scale * number(centre[$0]) }
      case 6: addRows(6, a, b, w, count, output) { scale * number(centre[$0]) }
      case 7: addRows(7, a, b, w, count, output) { scale * number(centre[$0]) }
      default: addRows(8, a, b, w, count, output) { scale * number(centre[$0]) }
      }
    } else {
      switch size {
      case 1: addRows(1, a, b, w, count, output) { output[$0] }
      case 2: addRows(2, a, b, w, count, output) { output[$0] }
      case 3: addRows(3, a, b, w, count, output) { output[$0] }
      case 4: addRows(4, a, b, w, count, output) { output[$0] }
      case 5: addRows(5, a, b, w, count, output) { output[$0] }
      case 6: addRows(6, a, b, w, count, output) { output[$0] }
      case 7: addRows(7, a, b, w, count, output) { output[$0] }
      default: addRows(8, a, b, w, count, output) { output[$0] }
      }
    }
  }
}

/// `sums[x] = start(x) + Σ weights[k] · (before[k][x] + after[k][x])` for `size` values of k;
/// inlined, so that `size` is a constant.
@inline(__always)
private func addRows(
  _ size: Int, _ before: UnsafePointer<UnsafePointer<UInt8>>,
  _ after: UnsafePointer<UnsafePointer<UInt8>>, _ weights: UnsafePointer<Float>,
  _ count: Int, _ sums: UnsafeMutablePointer<Float>, start: (Int) -> Float
) {
  let (a0, b0, w0) = (before[0], after[0], weights[0])
  let (a1, b1, w1) = (before[min(1, size - 1)], after[min(1, size - 1)], weights[min(1, size - 1)])
  let (a2, b2, w2) = (before[min(2, size - 1)], after[min(2, size - 1)], weights[min(2, size - 1)])
  let (a3, b3, w3) = (before[min(3, size - 1)], after[min(3, size - 1)], weights[min(3, size - 1)])
  let (a4, b4, w4) = (before[min(4, size - 1)], after[min(4, size - 1)], weights[min(4, size - 1)])
  let (a5, b5, w5) = (before[min(5, size - 1)], after[min(5, size - 1)], weights[min(5, size - 1)])
  let (a6, b6, w6) = (before[min(6, size - 1)], after[min(6, size - 1)], weights[min(6, size - 1)])
  let (a7, b7, w7) = (before[min(7, size - 1)], after[min(7, size - 1)], weights[min(7, size - 1)])
  for x in 0..<count {
    var sum = start(x) + w0 * number(a0[x], b0[x])
    if size > 1 { sum = sum + w1 * number(a1[x], b1[x]) }
    if size > 2 { sum = sum + w2 * number(a2[x], b2[x]) }
    if size > 3 { sum = sum + w3 * number(a3[x], b3[x]) }
    if size > 4 { sum = sum + w4 * number(a4[x], b4[x]) }
    if size > 5 { sum = sum + w5 * number(a5[x], b5[x]) }
    if size > 6 { sum = sum + w6 * number(a6[x], b6[x]) }
    if size > 7 { sum = sum + w7 * number(a7[x], b7[x]) }
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
  let scale = weights[0]
  if pairs == 0 {
    for x in 0..<count { output[x] = rounded(scale * centre[x]) }
    return
  }
  forEachGroup(of: pairs) { first, size, isFirst, isLast in
    let (w, distance) = (weights + 1 + first, (first + 1) * step)
    switch (isFirst, isLast) {
    case (true, true):
      addNeighbours(size, centre, distance, step, w, count) {
        scale * centre[$0]
      } finish: {
        output[$0] = rounded($1)
      }
    case (true, false):
      addNeighbours(size, centre, distance, step, w, count) {
        scale * centre[$0]
      } finish: {
        sums[$0] = $1
      }
    case (false, false):
      addNeighbours(size, centre, distance, step, w, count) {
        sums[$0]
      } finish: {
        sums[$0] = $1
      }
    case (false, true):
      addNeighbours(size, centre, distance, step, w, count) {
        sums[$0]
      } finish: {
        output[$0] = rounded($1)
      }
    }
  }
}

/// A number in 0…255 as a sample, rounded half to even: 1.5 · 2^23 rounds into the low bits.
@inline(__always)
private func rounded(_ number: Float) -> UInt8 {
  UInt8(truncatingIfNeeded: (number + 12_582_912).bitPattern)
}

/// Chooses the pass for the size.
@inline(__always)
private func addNeighbours(
  _ size: Int, _ centre: UnsafePointer<Float>, _ distance: Int, _ step: Int,
  _ weights: UnsafePointer<Float>, _ count: Int, start: (Int) -> Float,
  finish: (Int, Float) -> Void
) {
  switch size {
  case 1: pass(1, centre, distance, step, weights, count, start, finish)
  case 2: pass(2, centre, distance, step, weights, count, start, finish)
  case 3: pass(3, centre, distance, step, weights, count, start, finish)
  case 4: pass(4, centre, distance, step, weights, count, start, finish)
  case 5: pass(5, centre, distance, step, weights, count, start, finish)
  case 6: pass(6, centre, distance, step, weights, count, start, finish)
  case 7: pass(7, centre, distance, step, weights, count, start, finish)
  default: pass(8, centre, distance, step, weights, count, start, finish)
  }
}

/// `finish(x, start(x) + Σ weights[k] · (centre[x − d] + centre[x + d]))` for `size` values of k with
/// d = `distance` + k · `step`; inlined, so that `size` is a constant.
@inline(__always)
private func pass(
  _ size: Int, _ centre: UnsafePointer<Float>, _ distance: Int, _ step: Int,
  _ weights: UnsafePointer<Float>, _ count: Int, _ start: (Int) -> Float,
  _ finish: (Int, Float) -> Void
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
  let (a6, b6, w6) = (
    centre - (distance + 6 * step), centre + (distance + 6 * step), weights[min(6, size - 1)]
  )
  let (a7, b7, w7) = (
    centre - (distance + 7 * step), centre + (distance + 7 * step), weights[min(7, size - 1)]
  )
  for x in 0..<count {
    var sum = start(x) + w0 * (a0[x] + b0[x])
    if size > 1 { sum = sum + w1 * (a1[x] + b1[x]) }
    if size > 2 { sum = sum + w2 * (a2[x] + b2[x]) }
    if size > 3 { sum = sum + w3 * (a3[x] + b3[x]) }
    if size > 4 { sum = sum + w4 * (a4[x] + b4[x]) }
    if size > 5 { sum = sum + w5 * (a5[x] + b5[x]) }
    if size > 6 { sum = sum + w6 * (a6[x] + b6[x]) }
    if size > 7 { sum = sum + w7 * (a7[x] + b7[x]) }
    finish(x, sum)
  }
}
