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
  for i in 0..<count {
    let (dx, dy, m) = (x[i], y[i], middle[i])
    let (ax, ay) = (absolute(dx), absolute(dy))
    let tangent = UInt16(truncatingIfNeeded: (UInt32(ax) &* 27_146) &>> 16)
    let alongRow = ay <= tangent
    let downColumn = ay > tangent &+ 2 &* ax
    let falls = dx ^ dy < 0
    // All are read, so that nothing has to be jumped over.
    let (left, right) = (middle[i &- 1], middle[i &+ 1])
    let (a, b, c) = (above[i &- 1], above[i], above[i &+ 1])
    let (d, e, f) = (below[i &- 1], below[i], below[i &+ 1])
    let (diagonalBefore, diagonalAfter) = (falls ? c : a, falls ? d : f)
    let (columnBefore, columnAfter) = (
      downColumn ? b : diagonalBefore, downColumn ? e : diagonalAfter
    )
    let (before, after) = (alongRow ? left : columnBefore, alongRow ? right : columnAfter)
    // Of equal ones along a row or column the first counts.
    let limit = after &- (alongRow || downColumn ? 1 : 0)
    let exceedsAfter = after == 0 || m > limit
    let code: UInt8 = m > high ? 2 : 1
    let found: UInt8 = m > low ? code : 0
    let larger: UInt8 = m > before ? found : 0
    output[i] = exceedsAfter ? larger : 0
  }
}
