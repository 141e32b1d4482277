extension Image {
  /// A part of the image.
  ///
  /// - Throws: ``ImageError/invalidRequest(_:)`` when the rectangle is empty or not inside the image.
  public func cropped(x: Int, y: Int, width: Int, height: Int) throws(ImageError) -> Image {
    guard width > 0, height > 0, x >= 0, y >= 0, width <= layout.width, height <= layout.height,
      x <= layout.width - width, y <= layout.height - height
    else {
      throw .invalidRequest(
        "the part \(x),\(y),\(width),\(height) is not inside the image of "
          + "\(layout.width) × \(layout.height) pixels")
    }
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
