/// Philox4x32-10, a counter-based generator: block number `counter` of the sequence named by
/// `key` is computed directly, so that any part of a sequence can be drawn by any thread.
///
/// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: *Parallel Random Numbers: As Easy as 1, 2,
/// 3*. SC 2011.
package enum Philox {
  /// The four random words at a 128-bit counter (lowest word first).
  package static func block(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>
  ) -> SIMD4<UInt32> {
    var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
    var (k0, k1) = (key[0], key[1])
    for _ in 0..<10 {
      let product0 = UInt64(c0) &* 0xD251_1F53
      let product1 = UInt64(c2) &* 0xCD9E_8D57
      let (next0, next2) = (
        UInt32(truncatingIfNeeded: product1 >> 32) ^ c1 ^ k0,
        UInt32(truncatingIfNeeded: product0 >> 32) ^ c3 ^ k1
      )
      c1 = UInt32(truncatingIfNeeded: product1)
      c3 = UInt32(truncatingIfNeeded: product0)
      (c0, c2) = (next0, next2)
      k0 = k0 &+ 0x9E37_79B9
      k1 = k1 &+ 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
  }
}
