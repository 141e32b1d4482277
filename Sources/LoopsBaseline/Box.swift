import LoopInterface

func makeBoxLoops() -> BoxLoops {
  BoxLoops(
    add: add, slide: slide, pairs: pairs, average16: average16, average32: average32)
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

private func pairs(
  _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, _ count: Int,
  _ output: UnsafeMutablePointer<UInt16>
) {
  for x in 0..<count { output[x] = a[x] &+ b[x] }
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
  _ rows: UnsafePointer<UnsafePointer<UInt16>>, _ terms: Int, _ count: Int, _ reciprocal: Float,
  _ output: UnsafeMutablePointer<UInt8>
) {
  let vectors = count / laneCount &* laneCount
  for x in stride(from: 0, to: vectors, by: laneCount) {
    var sums = Words()
    for term in 0..<terms {
      let part = UnsafeRawPointer(rows[term] + x).loadUnaligned(as: HalfWords.self)
      sums &+= Words(truncatingIfNeeded: part)
    }
    // The sums as the last bits of floats from 2^23 on: a conversion in one addition.
    let floats = unsafeBitCast(sums &+ Words(repeating: 0x4B00_0000), to: Lanes.self) - 8_388_608
    let rounded = average(floats, Lanes(repeating: reciprocal))
    UnsafeMutableRawPointer(output + x).storeBytes(of: rounded, as: LaneBytes.self)
  }
  for x in vectors..<count {
    var sum: UInt32 = 0
    for term in 0..<terms { sum &+= UInt32(truncatingIfNeeded: rows[term][x]) }
    // A quarter more lifts every tie and nothing else; 1.5 · 2^23 rounds into the low bits.
    let mean = (Float(Int32(truncatingIfNeeded: sum)) + 0.25) * reciprocal + 12_582_912
    output[x] = UInt8(truncatingIfNeeded: mean.bitPattern)
  }
}

/// The same as for the last samples.
@inline(__always)
private func average(_ sums: Lanes, _ reciprocal: Lanes) -> LaneBytes {
  let mean = (sums + 0.25) * reciprocal + 12_582_912
  return LaneBytes(truncatingIfNeeded: unsafeBitCast(mean, to: Words.self))
}
