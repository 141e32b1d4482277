import LoopInterface

func makeRowLoops() -> RowLoops {
  RowLoops(
    weightedSumInt32: weightedSumInt32, weightedSumDouble: weightedSumDouble,
    sum: sum, difference: difference, maximum: maximum, magnitude: magnitude)
}

/// The next step of one to four taps of a weighted sum; missing taps repeat a row with weight 0, so
/// there is one loop instead of four.
private func weightedSumInt32(
  _ rows: UnsafePointer<UnsafePointer<Int32>>, _ weights: UnsafePointer<Int32>, _ taps: Int,
  _ count: Int, _ output: UnsafeMutablePointer<Int32>
) {
  for x in 0..<count { output[x] = 0 }
  var tap = 0
  while tap < taps {
    let last = taps - 1
    let (a, b, c, d) = (
      rows[tap], rows[min(tap + 1, last)], rows[min(tap + 2, last)], rows[min(tap + 3, last)]
    )
    let wa = weights[tap]
    let wb = tap + 1 < taps ? weights[tap + 1] : 0
    let wc = tap + 2 < taps ? weights[tap + 2] : 0
    let wd = tap + 3 < taps ? weights[tap + 3] : 0
    for x in 0..<count {
      output[x] = output[x] &+ (wa &* a[x] &+ wb &* b[x]) &+ (wc &* c[x] &+ wd &* d[x])
    }
    tap += 4
  }
}

private func weightedSumDouble(
  _ rows: UnsafePointer<UnsafePointer<Double>>, _ weights: UnsafePointer<Double>, _ taps: Int,
  _ count: Int, _ output: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { output[x] = 0 }
  var tap = 0
  while tap + 4 <= taps {
    let (a, b, c, d) = (rows[tap], rows[tap + 1], rows[tap + 2], rows[tap + 3])
    let (wa, wb, wc, wd) = (weights[tap], weights[tap + 1], weights[tap + 2], weights[tap + 3])
    for x in 0..<count {
      output[x] = output[x] + ((wa * a[x] + wb * b[x]) + (wc * c[x] + wd * d[x]))
    }
    tap += 4
  }
  // Not padded with zero weights as above: 0 · ∞ is not 0.
  while tap < taps {
    let (a, wa) = (rows[tap], weights[tap])
    for x in 0..<count { output[x] = output[x] + wa * a[x] }
    tap += 1
  }
}

private func sum(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int,
  _ output: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { output[x] = a[x] + b[x] }
}

private func difference(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int,
  _ output: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { output[x] = a[x] - b[x] }
}

private func maximum(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int,
  _ output: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { output[x] = a[x] < b[x] ? b[x] : a[x] }
}

private func magnitude(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int,
  _ output: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { output[x] = (a[x] * a[x] + b[x] * b[x]).squareRoot() }
}
