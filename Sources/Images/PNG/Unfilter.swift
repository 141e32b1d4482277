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

/// What a filter predicts of a pixel from its left neighbor, the pixel above and that one's left
/// neighbor. A type and not a closure, so that it is compiled into the loop.
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
    nearest(left, above, aboveLeft)
  }
}

/// The one of the three that is nearest to left + above − aboveLeft; in this order where equal.
@_transparent
private func nearest(_ left: Lanes, _ above: Lanes, _ aboveLeft: Lanes) -> Lanes {
  let toLeft = above &- aboveLeft
  let toAbove = left &- aboveLeft
  let toCorner = toLeft &+ toAbove
  let signs = (toLeft &>> 15, toAbove &>> 15, toCorner &>> 15)
  let distanceLeft = (toLeft ^ signs.0) &- signs.0
  let distanceAbove = (toAbove ^ signs.1) &- signs.1
  let distanceCorner = (toCorner ^ signs.2) &- signs.2
  let isAbove = distanceAbove .< distanceLeft
  let nearer = left.replacing(with: above, where: isAbove)
  let smaller = distanceLeft.replacing(with: distanceAbove, where: isAbove)
  return nearer.replacing(with: aboveLeft, where: distanceCorner .< smaller)
}

/// How a pixel of some bytes is loaded and stored: as 4 or 8 bytes, of which those that belong to the next
/// pixel are written again with it.
private struct PixelAccess {
  let pixelBytes: Int
  @inline(__always) init(_ pixelBytes: Int) { self.pixelBytes = pixelBytes }

  @inline(__always) var vectorBytes: Int { pixelBytes <= 4 ? 4 : 8 }

  @inline(__always) func load(_ pointer: UnsafePointer<UInt8>) -> Lanes {
    let raw = UnsafeRawPointer(pointer)
    let low = spread(raw.loadUnaligned(as: UInt32.self))
    let high = pixelBytes <= 4 ? 0 : spread(raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    return unsafeBitCast(SIMD2<UInt64>(low, high), to: Lanes.self)
  }

  @inline(__always) func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<UInt8>) {
    let halves = unsafeBitCast(lanes, to: SIMD2<UInt64>.self)
    let raw = UnsafeMutableRawPointer(pointer)
    raw.storeBytes(of: gather(halves.x), as: UInt32.self)
    if pixelBytes > 4 { raw.storeBytes(of: gather(halves.y), toByteOffset: 4, as: UInt32.self) }
  }

  /// Four bytes as four words. (The conversions of SIMD types are calls in a loop of this size.)
  @inline(__always) private func spread(_ bytes: UInt32) -> UInt64 {
    let pairs = (UInt64(bytes) | UInt64(bytes) &<< 16) & 0x0000_FFFF_0000_FFFF
    return (pairs | pairs &<< 8) & 0x00FF_00FF_00FF_00FF
  }

  /// Four words, each less than 256, as four bytes.
  @inline(__always) private func gather(_ words: UInt64) -> UInt32 {
    let pairs = (words | words &>> 8) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: pairs | pairs &>> 16)
  }
}

/// Calls the loop with the pixel size as a constant, so that each size gets its own.
private func unfilterPixels<P: Predictor>(
  _ predictor: P.Type, _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, _ pixelBytes: Int
) {
  switch pixelBytes {
  case 1: unfilterPixels(predictor, stored, row, above, count, PixelAccess(1))
  case 2: unfilterPixels(predictor, stored, row, above, count, PixelAccess(2))
  case 3: unfilterPixels(predictor, stored, row, above, count, PixelAccess(3))
  case 4: unfilterPixels(predictor, stored, row, above, count, PixelAccess(4))
  case 6: unfilterPixels(predictor, stored, row, above, count, PixelAccess(6))
  default: unfilterPixels(predictor, stored, row, above, count, PixelAccess(8))
  }
}

/// Adds each pixel's prediction to it, beginning with the byte `start`, whose neighbors to the left are
/// given (0 outside of the row).
///
/// The last pixels of a row, whose vector would pass its end, go byte by byte.
@inline(__always)
private func unfilterPixels<P: Predictor>(
  _ predictor: P.Type, _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, _ access: PixelAccess, from start: Int = 0,
  left: Lanes = Lanes(repeating: 0), aboveLeft: Lanes = Lanes(repeating: 0)
) {
  let byte = Lanes(repeating: 255)
  var (left, aboveLeft) = (left, aboveLeft)
  var i = start
  while i &+ access.vectorBytes <= count {
    let up = access.load(above + i)
    let predicted = P.predict(left: left, above: up, aboveLeft: aboveLeft)
    left = (access.load(stored + i) &+ predicted) & byte
    aboveLeft = up
    access.store(left, row + i)
    i &+= access.pixelBytes
  }
  while i < count {
    var up = Lanes(repeating: 0)
    var here = Lanes(repeating: 0)
    for lane in 0..<min(access.pixelBytes, count - i) {
      up[lane] = Int16(above[i + lane])
      here[lane] = Int16(stored[i + lane])
    }
    left = (here &+ P.predict(left: left, above: up, aboveLeft: aboveLeft)) & byte
    aboveLeft = up
    for lane in 0..<min(access.pixelBytes, count - i) {
      row[i + lane] = UInt8(truncatingIfNeeded: left[lane])
    }
    i &+= access.pixelBytes
  }
}

/// Undoes the Paeth filter of two rows at once, the second one pixel behind the first: a pixel has to wait
/// for the one to its left, and meanwhile the processor works on the other row.
///
/// - Parameters:
///   - stored: the `count` filtered bytes of the first row, then the second's filter byte and bytes.
///   - row: takes both rows, one behind the other.
///   - above: the row before the first.
func unfilterPaethPair(
  _ stored: UnsafePointer<UInt8>, into row: UnsafeMutablePointer<UInt8>,
  above: UnsafePointer<UInt8>, count: Int, pixelBytes: Int
) {
  switch pixelBytes {
  case 3: unfilterPaethPair(stored, row, above, count, PixelAccess(3))
  case 4: unfilterPaethPair(stored, row, above, count, PixelAccess(4))
  default:
    unfilterPixels(Paeth.self, stored, row, above, count, pixelBytes)
    unfilterPixels(Paeth.self, stored + count + 1, row + count, row, count, pixelBytes)
  }
}

@inline(__always)
private func unfilterPaethPair(
  _ stored: UnsafePointer<UInt8>, _ row: UnsafeMutablePointer<UInt8>,
  _ above: UnsafePointer<UInt8>, _ count: Int, _ access: PixelAccess
) {
  let byte = Lanes(repeating: 255)
  let second = stored + count + 1
  let secondRow = row + count
  // The pixels to the left in the row above, the first and the second row, and the one before the last in
  // the first row.
  var aboveLeft = Lanes(repeating: 0)
  var left = Lanes(repeating: 0)
  var secondLeft = Lanes(repeating: 0)
  var leftOfLeft = Lanes(repeating: 0)
  var i = 0
  while i &+ access.vectorBytes <= count {
    let up = access.load(above + i)
    let predicted = nearest(left, up, aboveLeft)
    let pixel = (access.load(stored + i) &+ predicted) & byte
    if i > 0 {
      let below = nearest(secondLeft, left, leftOfLeft)
      let place = i &- access.pixelBytes
      secondLeft = (access.load(second + place) &+ below) & byte
      access.store(secondLeft, secondRow + place)
    }
    access.store(pixel, row + i)
    aboveLeft = up
    leftOfLeft = left
    left = pixel
    i &+= access.pixelBytes
  }
  unfilterPixels(
    Paeth.self, stored, row, above, count, access, from: i, left: left, aboveLeft: aboveLeft)
  unfilterPixels(
    Paeth.self, second, secondRow, row, count, access, from: max(0, i - access.pixelBytes),
    left: secondLeft, aboveLeft: leftOfLeft)
}
