/// Two neighboring samples as 16-bit numbers that sums are taken in.
///
/// A word that holds two samples is split by a mask and a shift, and put together again likewise,
/// each one instruction for a vector of any width. Widening single samples, which moves them across
/// the vector, took twice the time.
struct SamplePair {
  var low, high: Int16

  @inline(__always)
  init(_ low: Int16, _ high: Int16) {
    self.low = low
    self.high = high
  }

  /// The samples at a place and after it, in the order that the processor gives the bytes of a word;
  /// what is computed from a pair is written in the same order.
  @inline(__always)
  init(at place: UnsafePointer<UInt8>) {
    let word = UnsafeRawPointer(place).loadUnaligned(as: UInt16.self)
    low = Int16(truncatingIfNeeded: word & 255)
    high = Int16(truncatingIfNeeded: word &>> 8)
  }

  /// Two times the same number.
  @inline(__always)
  init(repeating number: Int16) { self.init(number, number) }

  @inline(__always)
  static func &+ (a: SamplePair, b: SamplePair) -> SamplePair {
    SamplePair(a.low &+ b.low, a.high &+ b.high)
  }

  @inline(__always)
  static func &* (weight: Int16, pair: SamplePair) -> SamplePair {
    SamplePair(weight &* pair.low, weight &* pair.high)
  }

  /// Writes both, clamped to 0…255.
  @inline(__always)
  func store(to place: UnsafeMutablePointer<UInt8>) {
    let word =
      UInt16(truncatingIfNeeded: clamped(low)) | UInt16(truncatingIfNeeded: clamped(high)) &<< 8
    UnsafeMutableRawPointer(place).storeBytes(of: word, as: UInt16.self)
  }
}

/// The number in 0…255 that is nearest, without a choice: two of them in a word were compiled to all
/// four outcomes.
@inline(__always)
func clamped(_ number: Int16) -> Int16 {
  let positive = number & ~(number &>> 15)
  let excess = (255 &- positive) &>> 15  // all ones above 255
  return (positive | excess) & 255
}
