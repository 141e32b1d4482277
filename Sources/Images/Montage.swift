extension PixelLayout {
  /// The layout of a grid of images of this one, and how many of them are side by side.
  ///
  /// - Throws: ``ImageError/invalidRequest(_:)`` for sizes that cannot be.
  package func grid(
    of count: Int, columns: Int? = nil, gap: Int = 2
  ) throws(ImageError) -> (layout: PixelLayout, columns: Int) {
    let columns = columns ?? Int(Double(count).squareRoot().rounded(.up))
    guard (1...1 << 31).contains(columns), (0...1 << 16).contains(gap) else {
      throw .invalidRequest("a grid of \(columns) columns with gaps of \(gap) cannot be")
    }
    let rows = (count + columns - 1) / columns
    let (width, tooWide) = columns.multipliedReportingOverflow(by: self.width + gap)
    let (height, tooHigh) = rows.multipliedReportingOverflow(by: self.height + gap)
    let (pixels, tooMany) = width.multipliedReportingOverflow(by: height)
    let most = Limits.standard.maximumPixels
    guard !tooWide, !tooHigh, !tooMany, pixels <= most else {
      throw .invalidRequest("a grid of \(count) images would have more than \(most) pixels")
    }
    var layout = self
    layout.width = width + gap
    layout.height = height + gap
    return (layout, columns)
  }
}

extension Image {
  /// A grid of images of one layout, filled row by row from the top left.
  ///
  /// - Parameters:
  ///   - columns: images side by side; nil for a grid that is about square.
  ///   - gap: pixels between the images and around them.
  ///   - background: the value of every byte of the gaps and of places left empty; 255 is white.
  /// - Throws: ``ImageError/invalidRequest(_:)`` without images, for layouts that differ and for sizes
  ///   that cannot be.
  public init(
    montage images: [Image], columns: Int? = nil, gap: Int = 2, background: UInt8 = 255
  ) throws(ImageError) {
    guard let first = images.first else { throw .invalidRequest("no images for a grid") }
    let tile = first.layout
    guard images.allSatisfy({ $0.layout == tile }) else {
      throw .invalidRequest("the images of a grid must have one size and one kind of pixel")
    }
    let (layout, columns) = try tile.grid(of: images.count, columns: columns, gap: gap)
    self.init(layout: layout, metadata: first.metadata)
    let pixelBytes = layout.channels * layout.sample.byteCount
    let rowBytes = layout.bytesPerRow
    withUnsafeMutableBytes { output in
      output.initializeMemory(as: UInt8.self, repeating: background)
      for (index, image) in images.enumerated() {
        let left = gap + index % columns * (tile.width + gap)
        let top = gap + index / columns * (tile.height + gap)
        for row in 0..<tile.height {
          let start = (top + row) * rowBytes + left * pixelBytes
          image.copyRows(
            row..<row + 1, to: UnsafeMutableRawBufferPointer(rebasing: output[start...]))
        }
      }
    }
  }
}
