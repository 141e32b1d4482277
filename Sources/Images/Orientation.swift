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

  /// Whether each row can be turned on its own, without its neighbours.
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
    if orientation == .upright { return self }
    var result = Image(
      layout: orientation.apply(to: layout), metadata: metadata.turned(orientation))
    result.withUnsafeMutableBytes { destination in
      withUnsafeBytes { stored in
        guard let destination = destination.baseAddress, let stored = stored.baseAddress else {
          return
        }
        orientation.turn(
          stored, layout: layout, rows: 0..<orientation.apply(to: layout).height,
          into: destination)
      }
    }
    return result
  }
}

extension Orientation {
  /// Writes some rows of the turned image.
  ///
  /// - Parameters:
  ///   - stored: all rows of the stored image, whose layout is `layout`.
  ///   - destination: takes the rows, one behind the other.
  package func turn(
    _ stored: UnsafeRawPointer, layout: PixelLayout, rows: Range<Int>,
    into destination: UnsafeMutableRawPointer
  ) {
    let pixelBytes = layout.channels * layout.sample.byteCount
    let (width, height, rowBytes) = (layout.width, layout.height, layout.bytesPerRow)
    let turned = apply(to: layout)
    guard turned.width > 0, turned.height > 0 else { return }
    // From one pixel of a turned row to the next, the stored pixel moves by the same step.
    let origin = source(x: 0, y: 0, width: width, height: height)
    let right = source(x: 1, y: 0, width: width, height: height)
    let step = (right.y - origin.y) * rowBytes + (right.x - origin.x) * pixelBytes
    for y in rows {
      let start = source(x: 0, y: y, width: width, height: height)
      copyPixels(
        from: stored + start.y * rowBytes + start.x * pixelBytes, step: step,
        to: destination + (y - rows.lowerBound) * turned.bytesPerRow, count: turned.width,
        pixelBytes: pixelBytes)
    }
  }
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
  case 3: copy(3)
  case 4: copy(4)
  case 6: copy(6)
  case 8: copy(8)
  default: copy(pixelBytes)
  }
}
