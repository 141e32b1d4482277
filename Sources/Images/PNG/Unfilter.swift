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
  case 1: unfilterPixels(Sub.self, stored, row, above, count, pixelBytes)
  case 2: for i in 0..<count { row[i] = stored[i] &+ above[i] }
  case 3: unfilterPixels(Average.self, stored, row, above, count, pixelBytes)
  case 4: unfilterPixels(Paeth.self, stored, row, above, count, pixelBytes)
  default: return false
  }
  return true
}

/// The bytes of a pixel, one a lane.
private typealias Lanes = SIMD8<Int16>

/// What a filter predicts of a pixel from its left neighbour, the pixel above and that one's left
/// neighbour. A type and not a closure, so that it is compiled into the loop.
private protocol Predictor {
  static func predict(left: Lanes, above: Lanes, aboveLeft: Lanes) -> Lanes
}

private enum Sub: Predictor {
  @inline(__always) static func predict(left: Lanes, above: Lanes, aboveLeft: Lanes) -> Lanes {
    left
  }
}

private enum Average: Predictor {
  @inline(__always) static func predict(left: Lanes, above: Lanes, aboveLeft: Lanes) -> Lanes {
    (left &+ above) &>> 1
  }
}

private enum Paeth: Predictor {
  @inline(__always) static func predict(left: Lanes, above: Lanes, aboveLeft: Lanes) -> Lanes {
    // Distances of the three from the estimate left + above − aboveLeft.
    let toLeft = above &- aboveLeft
    let toAbove = left &- aboveLeft
    let toCorner = toLeft &+ toAbove
    let zero = Lanes(repeating: 0)
    let distanceLeft = pointwiseMax(toLeft, zero &- toLeft)
    let distanceAbove = pointwiseMax(toAbove, zero &- toAbove)
    let distanceCorner = pointwiseMax(toCorner, zero &- toCorner)
    // The nearest, in the order left, above, corner where equal.
    var nearest = left.replacing(with: above, where: distanceAbove .< distanceLeft)
    nearest.replace(
      with: aboveLeft, where: distanceCorner .< pointwiseMin(distanceLeft, distanceAbove))
    return nearest
  }
}

/// Calls the loop with the pixel size as a constant, so that each size gets its own.
private func unfilterPixels<P: Predictor>(
  _ predictor: P.Type, _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, _ pixelBytes: Int
) {
  switch pixelBytes {
  case 1: unfilterPixels(predictor, stored, row, above, count, pixelBytes: 1)
  case 2: unfilterPixels(predictor, stored, row, above, count, pixelBytes: 2)
  case 3: unfilterPixels(predictor, stored, row, above, count, pixelBytes: 3)
  case 4: unfilterPixels(predictor, stored, row, above, count, pixelBytes: 4)
  case 6: unfilterPixels(predictor, stored, row, above, count, pixelBytes: 6)
  default: unfilterPixels(predictor, stored, row, above, count, pixelBytes: 8)
  }
}

/// Adds each pixel's prediction to it.
///
/// A vector holds 4 or 8 bytes though a pixel may have fewer; the bytes beyond it are written again by the
/// next pixel, and the last pixels of a row, whose vector would pass its end, go byte by byte.
@inline(__always)
private func unfilterPixels<P: Predictor>(
  _ predictor: P.Type, _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, pixelBytes: Int
) {
  let vectorBytes = pixelBytes <= 4 ? 4 : 8
  @inline(__always) func load(_ pointer: UnsafePointer<UInt8>) -> Lanes {
    let raw = UnsafeRawPointer(pointer)
    let bits =
      vectorBytes == 4
      ? UInt64(raw.loadUnaligned(as: UInt32.self)) : raw.loadUnaligned(as: UInt64.self)
    return Lanes(truncatingIfNeeded: unsafeBitCast(bits, to: SIMD8<UInt8>.self))
  }
  @inline(__always) func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<UInt8>) {
    let bits = unsafeBitCast(SIMD8<UInt8>(truncatingIfNeeded: lanes), to: UInt64.self)
    let raw = UnsafeMutableRawPointer(pointer)
    if vectorBytes == 4 {
      raw.storeBytes(of: UInt32(truncatingIfNeeded: bits), as: UInt32.self)
    } else {
      raw.storeBytes(of: bits, as: UInt64.self)
    }
  }
  let byte = Lanes(repeating: 255)
  var left = Lanes(repeating: 0)
  var aboveLeft = Lanes(repeating: 0)
  var i = 0
  while i &+ vectorBytes <= count {
    let up = load(above + i)
    left = (load(stored + i) &+ P.predict(left: left, above: up, aboveLeft: aboveLeft)) & byte
    aboveLeft = up
    store(left, row + i)
    i &+= pixelBytes
  }
  while i < count {
    var up = Lanes(repeating: 0)
    var here = Lanes(repeating: 0)
    for lane in 0..<min(pixelBytes, count - i) {
      up[lane] = Int16(above[i + lane])
      here[lane] = Int16(stored[i + lane])
    }
    left = (here &+ P.predict(left: left, above: up, aboveLeft: aboveLeft)) & byte
    aboveLeft = up
    for lane in 0..<min(pixelBytes, count - i) {
      row[i + lane] = UInt8(truncatingIfNeeded: left[lane])
    }
    i &+= pixelBytes
  }
}
