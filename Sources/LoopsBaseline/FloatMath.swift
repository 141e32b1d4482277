// Elementary functions of floats without branches or calls, so that loops over them vectorize.
// Polynomials: S. L. Moshier, Cephes Mathematical Library (single precision).

/// eˣ; relative error 1e-7; 0 below −104, ∞ above 88.7.
@inline(__always)
func exponential(_ value: Float) -> Float {
  let below: Float = value < -104 ? -104 : value
  let x: Float = below > 89 ? 89 : below
  // Adding 1.5 · 2²³ leaves the rounded integer in the low bits.
  let shifted = x * 1.44269504 + 12_582_912
  let n = shifted - 12_582_912
  let r = (x - n * 0.693359375) + n * 2.12194440e-4
  var p: Float = 1.9875691500e-4
  p = p * r + 1.3981999507e-3
  p = p * r + 8.3334519073e-3
  p = p * r + 4.1665795894e-2
  p = p * r + 1.6666665459e-1
  p = p * r + 5.0000001201e-1
  let y = p * (r * r) + r + 1
  // 2ⁿ in two factors, so that neither leaves the range of exponents.
  let exponent = Int32(bitPattern: shifted.bitPattern &- 0x4B40_0000)
  let half = exponent &>> 1
  let first = Float(bitPattern: UInt32(bitPattern: (half &+ 127) &<< 23))
  let second = Float(bitPattern: UInt32(bitPattern: (exponent &- half &+ 127) &<< 23))
  return y * first * second
}

/// Natural logarithm; −∞ at 0, NaN below.
@inline(__always)
func logarithm(_ value: Float) -> Float {
  // Subnormal numbers are lifted into the normal range first.
  let isTiny = value < 0x1p-126
  let x: Float = isTiny ? value * 8_388_608 : value
  let bits = Int32(bitPattern: x.bitPattern)
  var exponent = Float((bits &>> 23) &- 126) - (isTiny ? 23 : 0)
  var m = Float(bitPattern: UInt32(bitPattern: (bits & 0x007F_FFFF) | 0x3F00_0000))
  let isLow = m < 0.707106781
  exponent -= isLow ? 1 : 0
  m = (isLow ? m + m : m) - 1
  let z = m * m
  var p: Float = 7.0376836292e-2
  p = p * m - 1.1514610310e-1
  p = p * m + 1.1676998740e-1
  p = p * m - 1.2420140846e-1
  p = p * m + 1.4249322787e-1
  p = p * m - 1.6668057665e-1
  p = p * m + 2.0000714765e-1
  p = p * m - 2.4999993993e-1
  p = p * m + 3.3333331174e-1
  let y = m * z * p + exponent * -2.12194440e-4 - 0.5 * z
  let ordinary = m + y + exponent * 0.693359375
  let positive: Float = value == .infinity ? .infinity : ordinary
  let atZero: Float = value == 0 ? -.infinity : positive
  return value >= 0 ? atZero : .nan
}

/// √x to the last bit or its neighbor; NaN below 0. The standard library's square root reports
/// errors and therefore stays scalar: here Newton's steps from the exponent halved.
@inline(__always)
func squareRoot(_ x: Float) -> Float {
  // Subnormal numbers are lifted into the normal range first.
  let isTiny = x < 0x1p-100
  let lifted: Float = isTiny ? x * 0x1p64 : x
  var r = Float(bitPattern: 0x5F37_5A86 &- (lifted.bitPattern &>> 1))
  let half = 0.5 * lifted
  r = r * (1.5 - half * r * r)
  r = r * (1.5 - half * r * r)
  r = r * (1.5 - half * r * r)
  let root = lifted * r
  let better = root + 0.5 * r * (lifted - root * root)
  let finite = better * (isTiny ? 0x1p-32 : 1)
  let positive: Float = x == .infinity ? x : finite
  return x > 0 ? positive : (x == 0 ? x : .nan)
}

@inline(__always)
func hyperbolicTangent(_ x: Float) -> Float {
  let magnitude = abs(x)
  let z = x * x
  var p: Float = -5.70498872745e-3
  p = p * z + 2.06390887954e-2
  p = p * z - 5.37397155531e-2
  p = p * z + 1.33314422036e-1
  p = p * z - 3.33332819422e-1
  let small = p * z * x + x
  let large = 1 - 2 / (exponential(magnitude + magnitude) + 1)
  let signed = x < 0 ? -large : large
  return magnitude < 0.625 ? small : (x == x ? signed : x)
}

@inline(__always)
func logistic(_ x: Float) -> Float { 1 / (1 + exponential(-x)) }

/// ln(1 + eˣ) without overflow.
@inline(__always)
func softplus(_ x: Float) -> Float {
  let t = exponential(-abs(x))
  // ln(1 + t) for t in 0…1; for small t the rounding of 1 + t is put right.
  let u = 1 + t
  let tail = u == 1 ? t : logarithm(u) * (t / (u - 1))
  return (x > 0 ? x : (x == x ? 0 : x)) + tail
}

/// erf x; absolute error 2e-7 (inside −1…1 Cephes, outside Abramowitz and Stegun 7.1.26).
@inline(__always)
func errorFunction(_ x: Float) -> Float {
  let z = x * x
  var p: Float = 7.853861353153693e-5
  p = p * z - 8.010193625184903e-4
  p = p * z + 5.188327685732524e-3
  p = p * z - 2.685381193529856e-2
  p = p * z + 1.128358514861418e-1
  p = p * z - 3.761262582423300e-1
  p = p * z + 1.128379165726710
  let inner = p * x
  let magnitude = abs(x)
  let t = 1 / (1 + 0.3275911 * magnitude)
  var q: Float = 1.061405429
  q = q * t - 1.453152027
  q = q * t + 1.421413741
  q = q * t - 0.284496736
  q = q * t + 0.254829592
  let outer = 1 - q * t * exponential(-z)
  return magnitude < 1 ? inner : (x < 0 ? -outer : outer)
}

/// x · Φ(x) (Hendrycks and Gimpel 2016), exact form.
@inline(__always)
func gaussianLinearUnit(_ x: Float) -> Float {
  0.5 * x * (1 + errorFunction(x * 0.70710678))
}

/// Rounded to 11 bits of precision, ties to even, as IEEE 754 binary16 holds it: to multiples of 2⁻²⁴
/// where that is coarser, infinite from 65,520 on.
@inline(__always)
func roundedToFloat16(_ x: Float) -> Float {
  let sign = x.bitPattern & 0x8000_0000
  let magnitude = x.bitPattern & 0x7FFF_FFFF
  // Cannot overflow: the largest pattern lies 0x80_0000 below the end.
  let normal = Float(
    bitPattern: (magnitude &+ 0x0FFF &+ (magnitude >> 13 & 1)) & 0xFFFF_E000)
  // The unit in the last place of numbers from ½ to 1 is 2⁻²⁴.
  let subnormal = (Float(bitPattern: magnitude) + 0.5) - 0.5
  let rounded: Float = magnitude < 0x3880_0000 ? subnormal : normal
  let bounded: Float = rounded >= 65_520 ? .infinity : rounded
  let known: Float = x == x ? bounded : x
  return Float(bitPattern: known.bitPattern | sign)
}

/// Rounded to 8 bits of precision, ties to even.
@inline(__always)
func roundedToBFloat16(_ x: Float) -> Float {
  // Cannot overflow for a number: infinity's pattern lies 0x80_0000 below the end.
  let bits = (x.bitPattern &+ 0x7FFF &+ (x.bitPattern >> 16 & 1)) & 0xFFFF_0000
  return x == x ? Float(bitPattern: bits) : x
}
