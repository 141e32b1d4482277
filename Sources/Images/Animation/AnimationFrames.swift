import Files

/// The images of an animated PNG or GIF as a viewer shows them, one after the other.
///
/// Each part of the file is read as an image of its own, then laid on what was there before.
public struct AnimationFrames: Sendable {
  /// All of one size, 8 bits, red, green, blue and alpha.
  public let images: [Image]

  /// An image in an animation's file, and how it is laid on the others.
  struct Part {
    /// What becomes of an image's place once it was shown.
    enum Disposal { case stays, isCleared, isRestored }

    /// A file of this image alone.
    var file: [UInt8]
    var x = 0
    var y = 0
    var width: Int
    var height: Int
    var disposal = Disposal.stays
    /// Whether what is transparent shows what was there before.
    var isBlended = true
  }

  /// - Throws: where the file cannot be read, is of another format, or its images together have more pixels
  ///   than the limits allow.
  public init(path: String, limits: Limits = .standard) throws(ImageError) {
    let reader = try withImageErrors(try ByteReader(path: path))
    try self.init(fileBytes: try reader.readToEnd(limits: limits), limits: limits)
  }

  /// The same of a file in memory.
  public init(fileBytes: [UInt8], limits: Limits = .standard) throws(ImageError) {
    let canvas: (width: Int, height: Int)
    let parts: [Part]
    switch ImageFormat(sniffing: fileBytes[..<min(fileBytes.count, ImageFormat.sniffedByteCount)]) {
    case .png: (canvas, parts) = try APNGParts.parts(of: fileBytes)
    case .gif: (canvas, parts) = try GIFParts.parts(of: fileBytes)
    default: throw .unsupported("an animation that is neither PNG nor GIF")
    }
    try limits.checkSize(width: canvas.width, height: canvas.height)
    let pixels = (canvas.width * canvas.height).multipliedSaturating(by: parts.count)
    guard pixels <= limits.maximumPixels else {
      throw .tooLarge(
        "an animation of \(parts.count) images has more than \(limits.maximumPixels) pixels")
    }
    var options = ReadOptions()
    options.limits = limits
    var shown = Image(
      layout: PixelLayout(width: canvas.width, height: canvas.height, channels: 4))
    var images: [Image] = []
    for part in parts {
      guard part.x >= 0, part.y >= 0, part.width <= canvas.width - part.x,
        part.height <= canvas.height - part.y
      else { throw .corrupt("an image of the animation lies beyond its edge") }
      let before = shown
      let image = try Image(fileBytes: part.file, options: options).withAlpha()
      guard image.width == part.width, image.height == part.height else {
        throw .corrupt("an image of the animation has another size than it says")
      }
      shown.lay(image, x: part.x, y: part.y, isBlended: part.isBlended)
      images.append(shown)
      switch part.disposal {
      case .stays: break
      case .isCleared: shown.clear(x: part.x, y: part.y, width: part.width, height: part.height)
      case .isRestored: shown = before
      }
    }
    self.images = images
  }
}

extension Image {
  /// 8 bits of red, green, blue and alpha.
  fileprivate func withAlpha() -> Image {
    let colors = flattenedOpaque()
    var result = Image(layout: PixelLayout(width: width, height: height, channels: 4))
    let (source, bytesEach) = (layout, layout.sample.byteCount)
    let alpha = source.channels % 2 == 0 ? source.channels - 1 : nil
    let count = width * height
    withUnsafeBytes { own in
      colors.withUnsafeBytes { colors in
        result.withUnsafeMutableBytes { target in
          for pixel in 0..<count {
            for channel in 0..<3 { target[4 * pixel + channel] = colors[3 * pixel + channel] }
            let place = alpha.map { (pixel * source.channels + $0) * bytesEach }
            // Samples of 16 bits lie as this processor has them, the low byte first.
            target[4 * pixel + 3] = place.map { own[$0 + bytesEach - 1] } ?? 255
          }
        }
      }
    }
    return result
  }

  /// The colors in 8 bits, whatever the alpha.
  private func flattenedOpaque() -> Image {
    guard layout.channels % 2 == 0 else { return flattened(channels: 3) }
    let (source, bytesEach) = (layout, layout.sample.byteCount)
    var colors = Image(
      layout: PixelLayout(
        width: width, height: height, channels: source.channels - 1, sample: source.sample))
    let each = (source.channels - 1) * bytesEach
    let count = width * height
    withUnsafeBytes { own in
      colors.withUnsafeMutableBytes { target in
        for pixel in 0..<count {
          for byte in 0..<each {
            target[pixel * each + byte] = own[pixel * source.channels * bytesEach + byte]
          }
        }
      }
    }
    return colors.flattened(channels: 3)
  }

  /// Lays an image of four channels on one that has room for it.
  fileprivate mutating func lay(_ image: Image, x: Int, y: Int, isBlended: Bool) {
    let width = width
    let (rows, columns) = (image.height, image.width)
    image.withUnsafeBytes { source in
      withUnsafeMutableBytes { target in
        for row in 0..<rows {
          for column in 0..<columns {
            let from = (row * columns + column) * 4
            let to = ((y + row) * width + x + column) * 4
            let alpha = Int(source[from + 3])
            let below = Int(target[to + 3])
            guard isBlended, alpha < 255, below > 0 else {
              if !isBlended || alpha > 0 {
                for channel in 0..<4 { target[to + channel] = source[from + channel] }
              }
              continue
            }
            // Porter and Duff's "over", rounded.
            let rest = below * (255 - alpha)
            let whole = alpha * 255 + rest
            for channel in 0..<3 {
              let sum = Int(source[from + channel]) * alpha * 255 + Int(target[to + channel]) * rest
              target[to + channel] = UInt8((sum + whole / 2) / whole)
            }
            target[to + 3] = UInt8((whole + 127) / 255)
          }
        }
      }
    }
  }

  fileprivate mutating func clear(x: Int, y: Int, width cleared: Int, height: Int) {
    let width = width
    withUnsafeMutableBytes { target in
      for row in y..<y + height {
        for byte in (row * width + x) * 4..<(row * width + x + cleared) * 4 { target[byte] = 0 }
      }
    }
  }
}
