/// Undoes a row's filter (PNG 9.2): each byte was stored as its difference from a prediction made of
/// the byte to the left (a), above (b) and above left (c), where "left" is one whole pixel away.
///
/// - Parameters:
///   - filter: 0 none, 1 sub (a), 2 up (b), 3 average (⌊(a + b) / 2⌋), 4 Paeth.
///   - stored: `count` filtered bytes.
///   - row: takes `count` bytes; apart from `stored` and `above`.
///   - above: the row before, unfiltered; zeros for the first.
///   - pixelBytes: bytes of a pixel, at least 1.
/// - Returns: false when there is no such filter.
///
/// Plain pointers, since this runs over every byte of an image: all are read and written at
/// 0..<count alone, which the caller's buffers have.
func unfilter(
  _ filter: UInt8, _ stored: UnsafePointer<UInt8>, into row: UnsafeMutablePointer<UInt8>,
  above: UnsafePointer<UInt8>, count: Int, pixelBytes: Int
) -> Bool {
  switch filter {
  case 0: row.update(from: stored, count: count)
  case 1: unfilterSub(stored, row, count, pixelBytes)
  case 2: for i in 0..<count { row[i] = stored[i] &+ above[i] }
  case 3: unfilterAverage(stored, row, above, count, pixelBytes)
  case 4: unfilterPaeth(stored, row, above, count, pixelBytes)
  default: return false
  }
  return true
}

/// A pixel's bytes as they lie, in the low lanes.
private typealias Bytes = SIMD8<UInt8>
private typealias Words = SIMD8<Int16>

/// Walks over whole pixels with `step`, which is given the stored pixel, the one above it and the
/// results' left neighbour and above-left, all as vectors of a pixel's bytes.
///
/// A vector holds 4 or 8 bytes though a pixel may have 3 or 6; the bytes beyond it are written again by
/// the next pixel, and the last pixels of a row, whose vector would pass its end, go through a copy.
@inline(__always)
private func forEachPixel(
  _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, pixelBytes: Int,
  _ step: (_ stored: Bytes, _ left: Bytes, _ above: Bytes, _ aboveLeft: Bytes) -> Bytes
) {
  let vectorBytes = pixelBytes <= 4 ? 4 : 8
  @inline(__always) func load(_ pointer: UnsafePointer<UInt8>) -> Bytes {
    let raw = UnsafeRawPointer(pointer)
    let bits =
      vectorBytes == 4
      ? UInt64(raw.loadUnaligned(as: UInt32.self)) : raw.loadUnaligned(as: UInt64.self)
    return unsafeBitCast(bits, to: Bytes.self)
  }
  @inline(__always) func store(_ bytes: Bytes, _ pointer: UnsafeMutablePointer<UInt8>) {
    let bits = unsafeBitCast(bytes, to: UInt64.self)
    let raw = UnsafeMutableRawPointer(pointer)
    if vectorBytes == 4 {
      raw.storeBytes(of: UInt32(truncatingIfNeeded: bits), as: UInt32.self)
    } else {
      raw.storeBytes(of: bits, as: UInt64.self)
    }
  }
  var left = Bytes(repeating: 0)
  var aboveLeft = Bytes(repeating: 0)
  var i = 0
  while i &+ vectorBytes <= count {
    let up = load(above + i)
    left = step(load(stored + i), left, up, aboveLeft)
    aboveLeft = up
    store(left, row + i)
    i &+= pixelBytes
  }
  while i < count {
    var up = Bytes(repeating: 0)
    var here = Bytes(repeating: 0)
    for lane in 0..<min(pixelBytes, count - i) {
      up[lane] = above[i + lane]
      here[lane] = stored[i + lane]
    }
    left = step(here, left, up, aboveLeft)
    aboveLeft = up
    for lane in 0..<min(pixelBytes, count - i) { row[i + lane] = left[lane] }
    i &+= pixelBytes
  }
}

/// Calls `body` with the pixel size as a constant, so that each size gets its own loop.
@inline(__always)
private func withPixelBytes(_ pixelBytes: Int, _ body: (Int) -> Void) {
  switch pixelBytes {
  case 1: body(1)
  case 2: body(2)
  case 3: body(3)
  case 4: body(4)
  case 6: body(6)
  default: body(8)
  }
}

private func unfilterSub(
  _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>, _ count: Int,
  _ pixelBytes: Int
) {
  withPixelBytes(pixelBytes) { pixelBytes in
    forEachPixel(stored, row, stored, count, pixelBytes: pixelBytes) { here, left, _, _ in
      here &+ left
    }
  }
}

private func unfilterAverage(
  _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, _ pixelBytes: Int
) {
  withPixelBytes(pixelBytes) { pixelBytes in
    forEachPixel(stored, row, above, count, pixelBytes: pixelBytes) { here, left, up, _ in
      // ⌊(a + b) / 2⌋ without a ninth bit.
      here &+ ((left & up) &+ ((left ^ up) &>> 1))
    }
  }
}

private func unfilterPaeth(
  _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, _ pixelBytes: Int
) {
  withPixelBytes(pixelBytes) { pixelBytes in
    forEachPixel(stored, row, above, count, pixelBytes: pixelBytes) { here, left, up, corner in
      let a = Words(truncatingIfNeeded: left)
      let b = Words(truncatingIfNeeded: up)
      let c = Words(truncatingIfNeeded: corner)
      // Distances of a, b and c from the estimate a + b − c.
      let toA = b &- c
      let toB = a &- c
      let toC = toA &+ toB
      let zero = Words(repeating: 0)
      let distanceA = pointwiseMax(toA, zero &- toA)
      let distanceB = pointwiseMax(toB, zero &- toB)
      let distanceC = pointwiseMax(toC, zero &- toC)
      // The nearest, in the order a, b, c where equal.
      let isB = distanceB .< distanceA
      var nearest = a.replacing(with: b, where: isB)
      nearest.replace(with: c, where: distanceC .< pointwiseMin(distanceA, distanceB))
      return here &+ Bytes(truncatingIfNeeded: nearest)
    }
  }
}
