import LoopInterface

func makeGradientLoops() -> GradientLoops {
  GradientLoops(prewitt: prewitt, sobel: sobel, scharr: scharr)
}

private func prewitt(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  magnitude(side: 1, center: 1, above, middle, below, step, count, output)
}

private func sobel(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  magnitude(side: 1, center: 2, above, middle, below, step, count, output)
}

private func scharr(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  magnitude(side: 3, center: 10, above, middle, below, step, count, output)
}

/// Inlined, so that the weights are constants.
@inline(__always)
private func magnitude(
  side: Int16, center: Int16,
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  for x in 0..<count {
    let (a, b, c) = (wide(above[x &- step]), wide(above[x]), wide(above[x &+ step]))
    let (d, f) = (wide(middle[x &- step]), wide(middle[x &+ step]))
    let (g, h, i) = (wide(below[x &- step]), wide(below[x]), wide(below[x &+ step]))
    // Both derivatives share the differences along the diagonals.
    let (down, up) = (a &- i, c &- g)
    let gx = side &* (down &- up) &+ center &* (d &- f)
    let gy = side &* (down &+ up) &+ center &* (b &- h)
    let square =
      Int32(truncatingIfNeeded: gx) &* Int32(truncatingIfNeeded: gx)
      &+ Int32(truncatingIfNeeded: gy) &* Int32(truncatingIfNeeded: gy)
    // Exact up to 2²⁴, far above what is clamped.
    let root = Float(square).squareRoot()
    let clamped = root > 255 ? 255 : root
    output[x] = UInt8(truncatingIfNeeded: (clamped + rounding).bitPattern)
  }
}

/// A sample as the 16-bit number that sums are taken in.
@inline(__always)
private func wide(_ sample: UInt8) -> Int16 { Int16(truncatingIfNeeded: sample) }

/// 1.5 · 2^23: a Float of magnitude below 2^22 plus this holds the number, rounded half to even, in
/// its low bits.
private let rounding: Float = 12_582_912
