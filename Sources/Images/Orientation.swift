import Files

/// How stored pixels must be turned to stand upright: EXIF's tag 0x0112, by its numbers.
public enum Orientation: Int, Sendable, Hashable, CaseIterable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case flipped = 4
  case transposed = 5
  case quarterTurnClockwise = 6
  case transverse = 7
  case quarterTurnCounterclockwise = 8

  /// Whether width and height change places.
  public var swapsAxes: Bool { rawValue >= 5 }

  /// Whether each row can be turned on its own, without its neighbors.
  package var keepsRows: Bool { self == .upright || self == .mirrored }

  /// The layout after turning.
  package func apply(to layout: PixelLayout) -> PixelLayout {
    var layout = layout
    if swapsAxes { swap(&layout.width, &layout.height) }
    return layout
  }

  /// Where the pixel that ends up at column `x`, row `y` lies in a stored image of `width` × `height`.
  func source(x: Int, y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
    switch self {
    case .upright: (x, y)
    case .mirrored: (width - 1 - x, y)
    case .upsideDown: (width - 1 - x, height - 1 - y)
    case .flipped: (x, height - 1 - y)
    case .transposed: (y, x)
    case .quarterTurnClockwise: (y, height - 1 - x)
    case .transverse: (width - 1 - y, height - 1 - x)
    case .quarterTurnCounterclockwise: (width - 1 - y, x)
    }
  }
}

extension Image {
  /// The image turned upright: what a viewer shows of a photo stored with this orientation.
  public func turned(_ orientation: Orientation) -> Image {
    turning(orientation, nil)
  }

  /// The same, given up where nobody waits for it any more.
  func turned(
    _ orientation: Orientation, _ cancellation: Cancellation?
  ) throws(ImageError) -> Image {
    let result = turning(orientation, cancellation)
    try cancellation?.checkImage()
    return result
  }

  /// Unfinished where nobody waits for it any more.
  private func turning(_ orientation: Orientation, _ cancellation: Cancellation?) -> Image {
    if orientation == .upright { return self }
    let turned = orientation.apply(to: layout)
    var result = Image(layout: turned, metadata: metadata.turned(orientation))
    result.withUnsafeMutableBytes { destination in
      withUnsafeBytes { stored in
        guard let destination = destination.baseAddress, let stored = stored.baseAddress else {
          return
        }
        for top in stride(from: 0, to: turned.height, by: Self.rowsTurnedAtOnce) {
          if cancellation?.isCancelled == true { return }
          orientation.turn(
            stored, layout: layout, rows: top..<min(top + Self.rowsTurnedAtOnce, turned.height),
            into: destination + top * turned.bytesPerRow)
        }
      }
    }
    return result
  }

  private static let rowsTurnedAtOnce = 512
}

extension Orientation {
  /// Writes some rows of the turned image.
  ///
  /// - Parameters:
  ///   - stored: all rows of the stored image, whose layout is `layout`.
  ///   - destination: takes the rows, one behind the other.
  ///   - turnSquare: turns sixteen runs of sixteen bytes, so many bytes apart, into the columns of rows of the
  ///     destination, which are apart by the last argument.
  package func turn(
    _ stored: UnsafeRawPointer, layout: PixelLayout, rows: Range<Int>,
    into destination: UnsafeMutableRawPointer,
    turnSquare: ((UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Void)? = nil
  ) {
    let pixelBytes = layout.channels * layout.sample.byteCount
    let (width, height, rowBytes) = (layout.width, layout.height, layout.bytesPerRow)
    let turned = apply(to: layout)
    guard turned.width > 0, turned.height > 0 else { return }
    // From one pixel of a turned row to the next, the stored pixel moves by the same step, and likewise
    // from row to row.
    let origin = source(x: 0, y: 0, width: width, height: height)
    let right = source(x: 1, y: 0, width: width, height: height)
    let below = source(x: 0, y: 1, width: width, height: height)
    let step = (right.y - origin.y) * rowBytes + (right.x - origin.x) * pixelBytes
    let rowStep = (below.y - origin.y) * rowBytes + (below.x - origin.x) * pixelBytes
    let first = stored + origin.y * rowBytes + origin.x * pixelBytes + rows.lowerBound * rowStep
    guard swapsAxes else {
      for y in 0..<rows.count {
        copyPixels(
          from: first + y * rowStep, step: step, to: destination + y * turned.bytesPerRow,
          count: turned.width, pixelBytes: pixelBytes)
      }
      return
    }
    // Rows become columns: a square at a time, so that all of its rows stay in the cache.
    let side = pixelBytes < 3 ? 64 : 128
    for top in stride(from: 0, to: rows.count, by: side) {
      let height = min(side, rows.count - top)
      for left in stride(from: 0, to: turned.width, by: side) {
        let width = min(side, turned.width - left)
        let source = first + top * rowStep + left * step
        let place = destination + top * turned.bytesPerRow + left * pixelBytes
        if pixelBytes == 1, width == side, height == side, let turnSquare {
          for y in stride(from: 0, to: side, by: 16) {
            for x in stride(from: 0, to: side, by: 16) {
              // The bytes of a stored row lie forwards or backwards.
              let to = place + y * turned.bytesPerRow + x
              rowStep > 0
                ? turnSquare(source + y + x * step, step, to, turned.bytesPerRow)
                : turnSquare(
                  source - y - 15 + x * step, step, to + 15 * turned.bytesPerRow,
                  -turned.bytesPerRow)
            }
          }
        } else {
          turnPart(
            from: source, step: step, rowStep: rowStep, to: place,
            bytesPerRow: turned.bytesPerRow, width: width, height: height, pixelBytes: pixelBytes)
        }
      }
    }
  }
}

/// Turns a part of an image whose stored rows become columns.
///
/// Plain pointers, since it moves every pixel of an image; the caller's steps stay inside it.
private func turnPart(
  from source: UnsafeRawPointer, step: Int, rowStep: Int, to destination: UnsafeMutableRawPointer,
  bytesPerRow: Int, width: Int, height: Int, pixelBytes: Int
) {
  let eights = pixelBytes == 1 ? height / 8 * 8 : 0
  for y in stride(from: 0, to: eights, by: 8) {
    for x in stride(from: 0, to: width / 8 * 8, by: 8) {
      turnEight(
        from: source + y * rowStep + x * step, step: step, rowStep: rowStep,
        to: destination + y * bytesPerRow + x, bytesPerRow: bytesPerRow)
    }
    let done = width / 8 * 8
    for row in y..<y + 8 {
      copyPixels(
        from: source + row * rowStep + done * step, step: step,
        to: destination + row * bytesPerRow + done, count: width - done, pixelBytes: 1)
    }
  }
  for row in eights..<height {
    copyPixels(
      from: source + row * rowStep, step: step, to: destination + row * bytesPerRow, count: width,
      pixelBytes: pixelBytes)
  }
}

/// Turns eight by eight bytes, in registers: pairs of bytes change places, then of two and of four (H. S.
/// Warren, *Hacker's Delight*, 7-3).
@inline(__always)
private func turnEight(
  from source: UnsafeRawPointer, step: Int, rowStep: Int, to destination: UnsafeMutableRawPointer,
  bytesPerRow: Int
) {
  // The eight bytes of a stored row lie forwards or backwards.
  let start = rowStep > 0 ? source : source - 7
  func word(_ x: Int) -> UInt64 {
    (start + x &* step).loadUnaligned(as: UInt64.self).littleEndian
  }
  func exchange(_ a: inout UInt64, _ b: inout UInt64, _ bits: UInt64, _ mask: UInt64) {
    let difference = ((a &>> bits) ^ b) & mask
    b ^= difference
    a ^= difference &<< bits
  }
  var (a, b, c, d) = (word(0), word(1), word(2), word(3))
  var (e, f, g, h) = (word(4), word(5), word(6), word(7))
  let bytes: UInt64 = 0x00FF_00FF_00FF_00FF
  exchange(&a, &b, 8, bytes)
  exchange(&c, &d, 8, bytes)
  exchange(&e, &f, 8, bytes)
  exchange(&g, &h, 8, bytes)
  let pairs: UInt64 = 0x0000_FFFF_0000_FFFF
  exchange(&a, &c, 16, pairs)
  exchange(&b, &d, 16, pairs)
  exchange(&e, &g, 16, pairs)
  exchange(&f, &h, 16, pairs)
  let fours: UInt64 = 0xFFFF_FFFF
  exchange(&a, &e, 32, fours)
  exchange(&b, &f, 32, fours)
  exchange(&c, &g, 32, fours)
  exchange(&d, &h, 32, fours)
  let (first, pitch) =
    rowStep > 0 ? (destination, bytesPerRow) : (destination + 7 * bytesPerRow, -bytesPerRow)
  first.storeBytes(of: a.littleEndian, as: UInt64.self)
  (first + pitch).storeBytes(of: b.littleEndian, as: UInt64.self)
  (first + 2 &* pitch).storeBytes(of: c.littleEndian, as: UInt64.self)
  (first + 3 &* pitch).storeBytes(of: d.littleEndian, as: UInt64.self)
  (first + 4 &* pitch).storeBytes(of: e.littleEndian, as: UInt64.self)
  (first + 5 &* pitch).storeBytes(of: f.littleEndian, as: UInt64.self)
  (first + 6 &* pitch).storeBytes(of: g.littleEndian, as: UInt64.self)
  (first + 7 &* pitch).storeBytes(of: h.littleEndian, as: UInt64.self)
}

/// Copies `count` pixels that lie `step` bytes apart to places side by side.
///
/// Plain pointers, since it moves every pixel of an image; the caller's steps stay inside it.
func copyPixels(
  from source: UnsafeRawPointer, step: Int, to destination: UnsafeMutableRawPointer, count: Int,
  pixelBytes: Int
) {
  @inline(__always) func copy(_ pixelBytes: Int) {
    for i in 0..<count {
      (destination + i &* pixelBytes).copyMemory(from: source + i &* step, byteCount: pixelBytes)
    }
  }
  switch pixelBytes {
  case 1: copy(1)
  case 2: copy(2)
  case 3: copyTriples(from: source, step: step, to: destination, count: count)
  case 4: copy(4)
  case 6: copy(6)
  case 8: copy(8)
  default: copy(pixelBytes)
  }
}

/// Copies pixels of three bytes as four: the fourth byte is overwritten by the next pixel. The first and the last
/// one are copied as they are, since either may be the last bytes of the image.
private func copyTriples(
  from source: UnsafeRawPointer, step: Int, to destination: UnsafeMutableRawPointer, count: Int
) {
  guard count > 0 else { return }
  destination.copyMemory(from: source, byteCount: 3)
  var i = 1
  while i < count &- 1 {
    destination.storeBytes(
      of: (source + i &* step).loadUnaligned(as: UInt32.self), toByteOffset: 3 &* i,
      as: UInt32.self)
    i &+= 1
  }
  if count > 1 {
    (destination + 3 &* (count &- 1)).copyMemory(
      from: source + (count &- 1) &* step, byteCount: 3)
  }
}
