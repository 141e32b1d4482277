import LoopInterface

func makeCannyLoops() -> CannyLoops {
  CannyLoops(
    gradient3: gradient3, magnitude: magnitude, strongest: strongest, suppress: suppress)
}

private func gradient3(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ x: UnsafeMutablePointer<Int16>, _ y: UnsafeMutablePointer<Int16>
) {
  for i in 0..<count {
    let (a, b, c) = (wide(above[i &- step]), wide(above[i]), wide(above[i &+ step]))
    let (d, f) = (wide(middle[i &- step]), wide(middle[i &+ step]))
    let (g, h, k) = (wide(below[i &- step]), wide(below[i]), wide(below[i &+ step]))
    // Both derivatives share the differences along the diagonals.
    let (down, up) = (k &- a, c &- g)
    x[i] = down &+ up &+ 2 &* (f &- d)
    y[i] = down &- up &+ 2 &* (h &- b)
  }
}

@inline(__always)
private func wide(_ sample: UInt8) -> Int16 { Int16(truncatingIfNeeded: sample) }

private func magnitude(
  _ x: UnsafePointer<Int16>, _ y: UnsafePointer<Int16>, _ count: Int,
  _ magnitudes: UnsafeMutablePointer<UInt16>
) {
  for i in 0..<count { magnitudes[i] = absolute(x[i]) &+ absolute(y[i]) }
}

@inline(__always)
private func absolute(_ number: Int16) -> UInt16 {
  UInt16(bitPattern: number < 0 ? 0 &- number : number)
}

private func strongest(
  _ x: UnsafePointer<Int16>, _ y: UnsafePointer<Int16>, _ pixels: Int,
  _ strongestX: UnsafeMutablePointer<Int16>, _ strongestY: UnsafeMutablePointer<Int16>,
  _ magnitudes: UnsafeMutablePointer<UInt16>
) {
  for pixel in 0..<pixels {
    let (rx, gx, bx) = (x[3 &* pixel], x[3 &* pixel &+ 1], x[3 &* pixel &+ 2])
    let (ry, gy, by) = (y[3 &* pixel], y[3 &* pixel &+ 1], y[3 &* pixel &+ 2])
    let (r, g, b) = (
      absolute(rx) &+ absolute(ry), absolute(gx) &+ absolute(gy), absolute(bx) &+ absolute(by)
    )
    let first = g > r
    let (m, mx, my) = (first ? g : r, first ? gx : rx, first ? gy : ry)
    let second = b > m
    strongestX[pixel] = second ? bx : mx
    strongestY[pixel] = second ? by : my
    magnitudes[pixel] = second ? b : m
  }
}

/// The direction is told as by OpenCV: along the row where |y| < tan 22.5° · |x|, down the column where
/// |y| > tan 67.5° · |x|, the tangents being 13573 / 2¹⁵ and that plus 2. Neither product is a whole
/// number (but at 0, where there is no edge), so that its floor tells the same.
private func suppress(
  _ above: UnsafePointer<UInt16>, _ middle: UnsafePointer<UInt16>, _ below: UnsafePointer<UInt16>,
  _ x: UnsafePointer<Int16>, _ y: UnsafePointer<Int16>, _ low: UInt16, _ high: UInt16,
  _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  // Masks made by arithmetic: conditions become jumps again, which keep AVX2's registers from being filled.
  let (low, high) = (signed(min(low, 0x7FFF)), signed(min(high, 0x7FFF)))
  for i in 0..<count {
    let (dx, dy, m) = (x[i], y[i], signed(middle[i]))
    let (ax, ay) = (signed(absolute(dx)), signed(absolute(dy)))
    let tangent = Int16(truncatingIfNeeded: (Int32(ax) &* 27_146) &>> 16)
    let isSteep = less(tangent, ay)
    let downColumn = less(tangent &+ 2 &* ax, ay)
    let falls = (dx ^ dy) &>> 15
    let before = chosen(
      isSteep,
      chosen(
        downColumn, signed(above[i]),
        chosen(falls, signed(above[i &+ 1]), signed(above[i &- 1]))), signed(middle[i &- 1]))
    let after = chosen(
      isSteep,
      chosen(
        downColumn, signed(below[i]),
        chosen(falls, signed(below[i &- 1]), signed(below[i &+ 1]))), signed(middle[i &+ 1]))
    // Of equal ones along a row or column the first counts; more than nothing is an edge in any case.
    let limit = after &- (~isSteep | downColumn) & 1
    let isEdge = less(low, m) & less(before, m) & less(limit & ~less(after, 1), m)
    output[i] = UInt8(truncatingIfNeeded: (1 &- less(high, m)) & isEdge)
  }
}

/// A number below 2¹⁵, as all magnitudes are: at most 8 · 255.
@inline(__always)
private func signed(_ number: UInt16) -> Int16 { Int16(bitPattern: number) }

/// All bits where one number of no sign is less than the other, else none.
@inline(__always)
private func less(_ one: Int16, _ other: Int16) -> Int16 { (one &- other) &>> 15 }

@inline(__always)
private func chosen(_ mask: Int16, _ one: Int16, _ other: Int16) -> Int16 {
  other ^ (one ^ other) & mask
}
