import LoopInterface

func makePairLoops() -> PairLoops {
  PairLoops(
    excessUInt8: excessUInt8, excessUInt16: excessUInt16, exceedsUInt8: exceedsUInt8,
    sharpenUInt8: sharpenUInt8)
}

private func excessUInt8(
  _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  for x in 0..<count { output[x] = a[x] > b[x] ? a[x] &- b[x] : 0 }
}

private func excessUInt16(
  _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, _ count: Int,
  _ output: UnsafeMutablePointer<UInt16>
) {
  for x in 0..<count { output[x] = a[x] > b[x] ? a[x] &- b[x] : 0 }
}

private func exceedsUInt8(
  _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ offset: Int16, _ count: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  for x in 0..<count {
    let difference = Int16(truncatingIfNeeded: a[x]) &- Int16(truncatingIfNeeded: b[x])
    output[x] = difference > offset ? 255 : 0
  }
}

private func sharpenUInt8(
  _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ amount: Float, _ above: Float,
  _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  for x in 0..<count {
    let sample = Float(Int32(truncatingIfNeeded: a[x]))
    let difference = sample - Float(Int32(truncatingIfNeeded: b[x]))
    let gain: Float = abs(difference) > above ? amount : 0
    let value = sample + gain * difference
    let positive: Float = value > 0 ? value : 0
    let clamped: Float = positive < 255 ? positive : 255
    // 1.5 · 2^23 rounds into the low bits.
    output[x] = UInt8(truncatingIfNeeded: (clamped + 12_582_912).bitPattern)
  }
}
