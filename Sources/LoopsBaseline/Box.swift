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
private func divided(_ sum: UInt16, _ divisor: BoxDivisor, _ multiplier: UInt16) -> UInt8 {
  let product =
    UInt32(truncatingIfNeeded: sum &+ divisor.half) &* UInt32(truncatingIfNeeded: multiplier)
  let high = UInt16(truncatingIfNeeded: product &>> 16)
  return UInt8(truncatingIfNeeded: high &>> divisor.shift)
}

private func average16(
  _ terms: BoxTerms, _ count: Int, _ divisor: BoxDivisor, _ output: UnsafeMutablePointer<UInt8>
) {
  withUnsafeTemporaryAllocation(of: UInt16.self, capacity: blockLength) { memory in
    guard let multipliers = memory.baseAddress else { return }
    // LLVM multiplies 16 bits by 16 in one instruction where both factors come from memory, and widens
    // them where one is the same for all.
    multipliers.initialize(repeating: divisor.multiplier, count: blockLength)
    for first in stride(from: 0, to: count, by: blockLength) {
      let block = min(blockLength, count &- first)
      let (a, b, c) = (terms.rows.0 + first, terms.rows.1 + first, terms.rows.2 + first)
      let (d, e, to) = (terms.rows.3 + first, terms.rows.4 + first, output + first)
      @inline(__always)
      func average(_ sum: (Int) -> UInt16) {
        for x in 0..<block { to[x] = divided(sum(x), divisor, multipliers[x]) }
      }
      switch terms.count {
      case 1: average { a[$0] }
      case 2: average { a[$0] &+ b[$0] }
      case 3: average { a[$0] &+ b[$0] &+ c[$0] }
      case 4: average { a[$0] &+ b[$0] &+ c[$0] &+ d[$0] }
      default: average { a[$0] &+ b[$0] &+ c[$0] &+ d[$0] &+ e[$0] }
      }
    }
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
