/// Columns whose sums are held at a time.
private let tileLength = 1024

/// The means of 3 × 3 windows: sums of three rows first, then of three columns.
///
/// Both work on pairs of samples (see ``SamplePair``); the sums of even and of odd columns are kept
/// apart, so that those of neighbors can be read where they lie.
func mean(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  let (above, middle, below) = (above - step, middle - step, below - step)
  let capacity = (tileLength / 2 &+ step &+ 31) & ~31
  // Safe: each half holds the sums of a tile and of the columns that its last windows reach.
  withUnsafeTemporaryAllocation(byteCount: 4 &* capacity, alignment: 64) { sums in
    guard let even = sums.bindMemory(to: Int16.self).baseAddress else { return }
    let odd = even + capacity
    var first = 0
    while first &+ 1 < count {
      let pairs = min(tileLength, count &- first) / 2
      sumRows(
        above + first, middle + first, below + first, pairs &+ step, output + first, even, odd)
      averageColumns(even, odd, step, pairs, output + first)
      first &+= 2 &* pairs
    }
  }
  if count & 1 != 0 {
    // Of an odd count the last one alone: no sample after its window may be read.
    var sum: Int16 = 0
    for column in 0..<3 {
      let x = count &- 1 &+ column &* step
      sum &+= Int16(above[x]) &+ Int16(middle[x]) &+ Int16(below[x])
    }
    output[count &- 1] = UInt8(truncatingIfNeeded: ninth(sum))
  }
}

/// Writes the sums of three samples below each other, those of even and those of odd columns.
@inline(__always)
private func sumRows(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ pairs: Int, _ output: UnsafeMutablePointer<UInt8>,
  _ even: UnsafeMutablePointer<Int16>, _ odd: UnsafeMutablePointer<Int16>
) {
  inBlocks(of: 2 &* pairs, reading: below, writing: output) { first, count in
    let (even, odd) = (even + first / 2, odd + first / 2)
    for pair in 0..<count / 2 {
      let x = first &+ 2 &* pair
      let sum = SamplePair(at: above + x) &+ SamplePair(at: middle + x) &+ SamplePair(at: below + x)
      even[pair] = sum.low
      odd[pair] = sum.high
    }
  }
}

/// Writes the ninth part of three sums that are `step` columns apart.
@inline(__always)
private func averageColumns(
  _ even: UnsafePointer<Int16>, _ odd: UnsafePointer<Int16>, _ step: Int, _ pairs: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  // An odd step leads from even columns to odd ones.
  let half = step / 2
  let middleOfEven = step & 1 == 0 ? even + half : odd + half
  let middleOfOdd = step & 1 == 0 ? odd + half : even + half + 1
  for pair in 0..<pairs {
    let low = ninth(even[pair] &+ middleOfEven[pair] &+ even[pair &+ step])
    let high = ninth(odd[pair] &+ middleOfOdd[pair] &+ odd[pair &+ step])
    // The minimum changes nothing: without it the compiler joins the shift to the one in `ninth` and
    // multiplies in 32 bits, which takes twice the time.
    let word = low | min(high, 255) &<< 8
    UnsafeMutableRawPointer(output + 2 &* pair).storeBytes(of: word, as: UInt16.self)
  }
}

/// The ninth part of a sum of up to 9 · 255, rounded half up: exact, since 9 · 7282 exceeds 2^16 by 2,
/// which is too little to reach the next whole number. (`divided`, whose divisor is known only when it
/// runs, is compiled to products of 32 bits.)
@inline(__always)
private func ninth(_ sum: Int16) -> UInt16 {
  let product = UInt32(truncatingIfNeeded: UInt16(bitPattern: sum &+ 4)) &* 7282
  return UInt16(truncatingIfNeeded: product &>> 16)
}
