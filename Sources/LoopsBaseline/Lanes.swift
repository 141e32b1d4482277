/// As many floats as a register of AVX2 or AVX-512 holds.
#if AVX512
  typealias Lanes = SIMD16<Float>
  typealias Words = SIMD16<UInt32>
  typealias HalfWords = SIMD16<UInt16>
  typealias LaneBytes = SIMD16<UInt8>
#else
  typealias Lanes = SIMD8<Float>
  typealias Words = SIMD8<UInt32>
  typealias HalfWords = SIMD8<UInt16>
  typealias LaneBytes = SIMD8<UInt8>
#endif

@inline(__always) var laneCount: Int { Lanes.scalarCount }

/// Four rows of four words turned about the diagonal: twice, rows i and i + 2 are shuffled like two halves of a
/// deck of cards.
@inline(__always)
func turned(
  _ a: SIMD4<UInt32>, _ b: SIMD4<UInt32>, _ c: SIMD4<UInt32>, _ d: SIMD4<UInt32>
) -> (SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>) {
  @inline(__always)
  func shuffled(_ even: SIMD2<UInt32>, _ odd: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var row = SIMD4<UInt32>()
    (row.evenHalf, row.oddHalf) = (even, odd)
    return row
  }
  let (e, f) = (shuffled(a.lowHalf, c.lowHalf), shuffled(a.highHalf, c.highHalf))
  let (g, h) = (shuffled(b.lowHalf, d.lowHalf), shuffled(b.highHalf, d.highHalf))
  return (
    shuffled(e.lowHalf, g.lowHalf), shuffled(e.highHalf, g.highHalf),
    shuffled(f.lowHalf, h.lowHalf), shuffled(f.highHalf, h.highHalf)
  )
}

/// `sum + weight · value` of numbers that are not negative, rounded once.
@inline(__always)
func fused(_ sum: Lanes, _ weight: Lanes, _ value: Lanes) -> Lanes {
  #if AVX2 || AVX512 || !arch(x86_64)
    return sum.addingProduct(weight, value)
  #else
    // The product is exact in Double. Rounded to odd there, the sum rounds to Float as the exact one
    // does (S. Boldo, G. Melquiond: *Emulation of a FMA and Correctly Rounded Sums*. 2008).
    var result = Lanes()
    for lane in 0..<laneCount {
      let (addend, product) = (Double(sum[lane]), Double(weight[lane]) * Double(value[lane]))
      let total = addend + product
      let added = total - addend
      let error = (addend - (total - added)) + (product - added)
      let isOdd = total.bitPattern & 1 == 1
      let toOdd: UInt64 = error == 0 || isOdd ? 0 : error > 0 ? 1 : ~0
      result[lane] = Float(Double(bitPattern: total.bitPattern &+ toOdd))
    }
    return result
  #endif
}
