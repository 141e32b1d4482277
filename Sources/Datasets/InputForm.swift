import Images

/// How a picture becomes a network's input: resized to `width` × `height`, its samples taken as 0…1, and
/// (x − mean) / deviation channel by channel. The input is N × C × H × W.
public struct InputForm: Sendable, Codable, Equatable {
  /// How a picture of another shape is brought to the input's.
  public enum Fit: String, Sendable, Codable, CaseIterable {
    /// The largest centred part of the input's shape, resized.
    case crop
    /// The whole picture, stretched.
    case stretch
  }

  public var width: Int
  public var height: Int
  /// 1 grey, 3 RGB.
  public var channels: Int
  public var fit: Fit
  /// One for each channel, in units of 0…1.
  public var mean: [Float]
  /// One for each channel, in units of 0…1, none 0.
  public var deviation: [Float]

  public init(
    width: Int, height: Int, channels: Int, fit: Fit = .crop, mean: [Float], deviation: [Float]
  ) {
    self.width = width
    self.height = height
    self.channels = channels
    self.fit = fit
    self.mean = mean
    self.deviation = deviation
  }

  /// Whether all sizes are positive, the channels 1 or 3, and the normalisation fits them.
  public var isUsable: Bool {
    (1...65_535).contains(width) && (1...65_535).contains(height) && [1, 3].contains(channels)
      && mean.count == channels && deviation.count == channels
      && mean.allSatisfy(\.isFinite) && deviation.allSatisfy { $0.isFinite && $0 != 0 }
  }

  /// Values of one input: channels × height × width.
  public var count: Int { channels * height * width }

  /// A picture of any size and layout in 8 bits, `channels` and the input's size.
  ///
  /// 16 bits are rounded to 8, transparency is laid over white, grey and colour are turned into each
  /// other; the size is changed with a linear kernel that covers every pixel.
  public func fitted(_ image: Image) throws(ImageError) -> Image {
    var image = image.flattened(channels: channels)
    if image.width == width, image.height == height { return image }
    if fit == .crop {
      let (cropWidth, cropHeight) = centredPart(width: image.width, height: image.height)
      if cropWidth != image.width || cropHeight != image.height {
        image = try image.cropped(
          x: (image.width - cropWidth) / 2, y: (image.height - cropHeight) / 2, width: cropWidth,
          height: cropHeight)
      }
    }
    return try image.resized(width: width, height: height, .linear)
  }

  /// The size of the largest part of a picture that has the input's shape.
  private func centredPart(width pictureWidth: Int, height pictureHeight: Int) -> (Int, Int) {
    let scale = min(Double(pictureWidth) / Double(width), Double(pictureHeight) / Double(height))
    return (
      min(max(Int((Double(width) * scale).rounded()), 1), pictureWidth),
      min(max(Int((Double(height) * scale).rounded()), 1), pictureHeight)
    )
  }

  /// Writes a picture as the network takes it: `count` values, C × H × W.
  ///
  /// - Precondition: `values` has room for `count`.
  public func write(
    _ image: Image, to values: UnsafeMutableBufferPointer<Float>
  ) throws(ImageError) {
    precondition(values.count >= count, "room for \(count) values")
    let fitted = try fitted(image)
    let planes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
    defer { planes.deallocate() }
    fitted.writePlanes(to: planes)
    normalize(UnsafeBufferPointer(planes), into: values)
  }

  /// Turns 8-bit planes, N × C × H × W for any N, into normalised floats.
  func normalize(
    _ planes: UnsafeBufferPointer<UInt8>, into values: UnsafeMutableBufferPointer<Float>
  ) {
    let area = width * height
    // Both buffers hold as many values as there are planes; the loop vectorises.
    guard let input = planes.baseAddress, let output = values.baseAddress else { return }
    for plane in 0..<planes.count / area {
      let channel = plane % channels
      let scale = 1 / (255 * deviation[channel])
      let shift = -mean[channel] / deviation[channel]
      let (source, target) = (input + plane * area, output + plane * area)
      for index in 0..<area { target[index] = Float(source[index]) * scale + shift }
    }
  }
}

extension Image {
  /// Writes an 8-bit picture channel by channel (C × H × W).
  func writePlanes(to planes: UnsafeMutableBufferPointer<UInt8>) {
    precondition(planes.count >= layout.byteCount && layout.sample == .uint8)
    let area = width * height
    withUnsafeBytes { bytes in
      // The planes have room for all samples, as checked above.
      guard let target = planes.baseAddress,
        let source = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      else { return }
      if channels == 3 {
        let (red, green, blue) = (target, target + area, target + 2 * area)
        for index in 0..<area {
          red[index] = source[3 &* index]
          green[index] = source[3 &* index &+ 1]
          blue[index] = source[3 &* index &+ 2]
        }
      } else {
        target.update(from: source, count: area)
      }
    }
  }
}
