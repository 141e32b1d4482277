import LoopInterface

func makeBoxLoops() -> BoxLoops {
  BoxLoops(
    add: add, slide: slide, pairs16: pairs16, pairs32: pairs32, widen: widen,
    average16: average16, average32: average32)
}

private func add(
  _ row: UnsafePointer<UInt8>, _ count: Int, _ sums: UnsafeMutablePointer<UInt16>
) {
  for x in 0..<count { sums[x] = sums[x] &+ UInt16(truncatingIfNeeded: row[x]) }
}

private func slide(
  _ entering: UnsafePointer<UInt8>, _ leaving: UnsafePointer<UInt8>, _ count: Int,
  _ sums: UnsafeMutablePointer<UInt16>
) {
  for x in 0..<count {
    sums[x] =
      sums[x] &+ UInt16(truncatingIfNeeded: entering[x]) &- UInt16(truncatingIfNeeded: leaving[x])
  }
}

private func pairs16(
  _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, _ count: Int,
  _ output: UnsafeMutablePointer<UInt16>
) {
  for x in 0..<count { output[x] = a[x] &+ b[x] }
}

private func pairs32(
  _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, _ count: Int,
  _ output: UnsafeMutablePointer<UInt32>
) {
  for x in 0..<count { output[x] = a[x] &+ b[x] }
}

private func widen(
  _ numbers: UnsafePointer<UInt16>, _ count: Int, _ output: UnsafeMutablePointer<UInt32>
) {
  for x in 0..<count { output[x] = UInt32(truncatingIfNeeded: numbers[x]) }
}

@inline(__always)
private func divided(_ sum: UInt16, _ divisor: BoxDivisor) -> UInt8 {
  let product =
    UInt32(truncatingIfNeeded: sum &+ divisor.half)
    &* UInt32(truncatingIfNeeded: divisor.multiplier)
  let high = UInt16(truncatingIfNeeded: product &>> 16)
  return UInt8(truncatingIfNeeded: high &>> divisor.shift)
}

private func average16(
  _ terms: BoxTerms, _ count: Int, _ divisor: BoxDivisor, _ output: UnsafeMutablePointer<UInt8>
) {
  let (a, b, c, d) = terms.rows
  switch terms.count {
  case 1: for x in 0..<count { output[x] = divided(a[x], divisor) }
  case 2: for x in 0..<count { output[x] = divided(a[x] &+ b[x], divisor) }
  case 3: for x in 0..<count { output[x] = divided(a[x] &+ b[x] &+ c[x], divisor) }
  default: for x in 0..<count { output[x] = divided(a[x] &+ b[x] &+ c[x] &+ d[x], divisor) }
  }
}

private func average32(
  _ sums: UnsafePointer<UInt32>, _ count: Int, _ reciprocal: Float,
  _ output: UnsafeMutablePointer<UInt8>
) {
  for x in 0..<count {
    // A quarter more lifts every tie and nothing else; 1.5 · 2^23 rounds into the low bits.
    let sum = Float(Int32(truncatingIfNeeded: sums[x])) + 0.25
    output[x] = UInt8(truncatingIfNeeded: (sum * reciprocal + 12_582_912).bitPattern)
  }
}
