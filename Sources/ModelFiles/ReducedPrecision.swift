/// The two 16-bit floating-point formats as bit patterns: IEEE 754 binary16 (5 bits of exponent) and
/// bfloat16 (the upper half of a 32-bit float).
package enum ReducedPrecision {
  /// In integer steps that vectorize; every value, subnormal and NaN included, is exact.
  @inline(__always)
  package static func float(float16 bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF)
    // Exponent and fraction in place, the exponent's bias put right by a power of two.
    let scaled = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
    let special: UInt32 = magnitude >= 0x7C00 ? 0x7F80_0000 : 0
    return Float(bitPattern: scaled | special | UInt32(bits & 0x8000) << 16)
  }

  @inline(__always)
  package static func float(bfloat16 bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }

  /// Every value, subnormal included, is exact; all exponent and fraction bits set are no number.
  @inline(__always)
  package static func float(float8E4M3 bits: UInt8) -> Float {
    let magnitude = UInt32(bits & 0x7F)
    // Exponent and fraction in place, the exponent's bias put right by a power of two.
    let scaled = (Float(bitPattern: magnitude << 20) * 0x1p120).bitPattern
    let special: UInt32 = magnitude == 0x7F ? 0x7FC0_0000 : 0
    return Float(bitPattern: scaled | special | UInt32(bits & 0x80) << 24)
  }

  /// A float of 8 bits, 5 of them the exponent: the upper half of a float16.
  package static func float(float8E5M2 bits: UInt8) -> Float { float(float16: UInt16(bits) << 8) }

  /// Rounded to nearest, ties to even; beyond ±65,504 and half a step, infinity.
  package static func float16(_ value: Float) -> UInt16 { Float16(value).bitPattern }

  /// Rounded to nearest, ties to even; a NaN stays one.
  package static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    // Cannot overflow: the largest finite pattern and infinity lie 0x80_0000 below the end.
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }
}
