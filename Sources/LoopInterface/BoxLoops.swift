/// Loops of the box blur on 8-bit samples.
package struct BoxLoops: Sendable {
  /// `sums[x] += row[x]`
  package var add: @Sendable (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt16>) -> Void
  /// `sums[x] += entering[x] − leaving[x]`
  package var slide:
    @Sendable (
      _ entering: UnsafePointer<UInt8>, _ leaving: UnsafePointer<UInt8>, _ count: Int,
      _ sums: UnsafeMutablePointer<UInt16>
    ) -> Void
  /// `output[x] = a[x] + b[x]`
  package var pairs: Pairs
  /// `output[x] = (Σ terms[t][x] + half) · multiplier >> 16 >> shift` with one to five terms.
  package var average16:
    @Sendable (
      _ terms: BoxTerms, _ count: Int, _ divisor: BoxDivisor, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void
  /// `output[x] = Σ rows[t][x] · reciprocal`, rounded half up; sums below 2^22.
  package var average32:
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<UInt16>>, _ terms: Int, _ count: Int,
      _ reciprocal: Float, _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  package typealias Pairs =
    @Sendable (
      _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, _ count: Int,
      _ output: UnsafeMutablePointer<UInt16>
    ) -> Void

  package init(
    add: @escaping @Sendable (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt16>) -> Void,
    slide:
      @escaping @Sendable (
        UnsafePointer<UInt8>, UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt16>
      ) -> Void,
    pairs: @escaping Pairs,
    average16:
      @escaping @Sendable (BoxTerms, Int, BoxDivisor, UnsafeMutablePointer<UInt8>) -> Void,
    average32:
      @escaping @Sendable (
        UnsafePointer<UnsafePointer<UInt16>>, Int, Int, Float, UnsafeMutablePointer<UInt8>
      ) -> Void
  ) {
    self.add = add
    self.slide = slide
    self.pairs = pairs
    self.average16 = average16
    self.average32 = average32
  }
}

/// One to five rows that are summed.
package struct BoxTerms {
  package typealias Row = UnsafePointer<UInt16>

  package var count: Int
  package var rows: (Row, Row, Row, Row, Row)

  package init(_ first: Row) {
    count = 1
    rows = (first, first, first, first, first)
  }

  /// Adds a row; at most five are kept.
  package mutating func append(_ row: Row) {
    switch count {
    case 1: rows.1 = row
    case 2: rows.2 = row
    case 3: rows.3 = row
    default: rows.4 = row
    }
    count += 1
  }
}

/// A division of 16-bit sums, rounded half up, as a multiplication.
package struct BoxDivisor: Sendable {
  /// Half of the divisor, added before.
  package var half: UInt16
  package var multiplier: UInt16
  package var shift: UInt16

  package init(half: UInt16, multiplier: UInt16, shift: UInt16) {
    self.half = half
    self.multiplier = multiplier
    self.shift = shift
  }
}
