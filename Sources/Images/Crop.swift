/// A rectangle of an image's rows, streamed: what lies above is read and dropped, what lies below is not
/// read at all.
public final class CroppedSource: RowSource {
  public let layout: PixelLayout
  public let metadata: Metadata
  private let source: any RowSource
  private let left: Int
  private var rowsToSkip: Int
  private var rowsLeft: Int
  private var line: Buffer

  /// - Throws: ``ImageError/invalidRequest(_:)`` when the rectangle is empty or not inside the image.
  public init(
    _ source: any RowSource, x: Int, y: Int, width: Int, height: Int
  ) throws(ImageError) {
    try checkCrop(x: x, y: y, width: width, height: height, of: source.layout)
    self.source = source
    var layout = source.layout
    layout.width = width
    layout.height = height
    self.layout = layout
    metadata = source.metadata
    left = x
    rowsToSkip = y
    rowsLeft = height
    line = Buffer(byteCount: source.layout.bytesPerRow)
  }

  public func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    while rowsToSkip > 0 {
      try readLine()
      rowsToSkip -= 1
    }
    let wanted = min(count, rowsLeft)
    let start = left * layout.channels * layout.sample.byteCount
    for row in 0..<max(wanted, 0) {
      try readLine()
      (rows + row * layout.bytesPerRow)
        .copyMemory(from: line.start + start, byteCount: layout.bytesPerRow)
      rowsLeft -= 1
    }
    return max(wanted, 0)
  }

  private func readLine() throws(ImageError) {
    guard try source.read(1, into: line.start) == 1 else { throw .truncated("rows are missing") }
  }
}

extension Image {
  /// A part of the image.
  ///
  /// - Throws: ``ImageError/invalidRequest(_:)`` when the rectangle is empty or not inside the image.
  public func cropped(x: Int, y: Int, width: Int, height: Int) throws(ImageError) -> Image {
    try checkCrop(x: x, y: y, width: width, height: height, of: layout)
    var cropped = layout
    cropped.width = width
    cropped.height = height
    var result = Image(layout: cropped, metadata: metadata)
    let pixelBytes = layout.channels * layout.sample.byteCount
    let rowBytes = layout.bytesPerRow
    result.withUnsafeMutableBytes { output in
      withUnsafeBytes { input in
        for row in 0..<height {
          let start = (y + row) * rowBytes + x * pixelBytes
          UnsafeMutableRawBufferPointer(rebasing: output[(row * cropped.bytesPerRow)...])
            .copyMemory(
              from: UnsafeRawBufferPointer(rebasing: input[start..<start + cropped.bytesPerRow]))
        }
      }
    }
    return result
  }
}

private func checkCrop(
  x: Int, y: Int, width: Int, height: Int, of layout: PixelLayout
) throws(ImageError) {
  guard width > 0, height > 0, x >= 0, y >= 0, width <= layout.width, height <= layout.height,
    x <= layout.width - width, y <= layout.height - height
  else {
    throw .invalidRequest(
      "the part \(x),\(y),\(width),\(height) is not inside the image of "
        + "\(layout.width) × \(layout.height) pixels")
  }
}
