import Images
import ModelFiles
import Tensors

extension Preprocessing {
  /// An image of any size and layout in 8 bits, `channels` and the input's size.
  ///
  /// 16 bits are rounded to 8, transparent images are composited over white, gray and color are converted
  /// into each other.
  public func resized(_ image: Image) throws(ImageError) -> Image {
    try image.layout.check()
    var image = image.flattened(channels: channels)
    if image.width == width, image.height == height, shorterSide == nil { return image }
    switch resizeMode {
    case .centerCrop:
      if let shorterSide { return try centerOfResized(image, to: shorterSide) }
      let (cropWidth, cropHeight) = centerCropSize(width: image.width, height: image.height)
      if cropWidth != image.width || cropHeight != image.height {
        image = try image.cropped(
          x: (image.width - cropWidth) / 2, y: (image.height - cropHeight) / 2, width: cropWidth,
          height: cropHeight)
      }
    case .squash: break
    case .letterbox: return try letterboxed(image)
    }
    if let detailSide, image.width > detailSide, image.height > detailSide {
      let shorter = min(width, height)
      image = try image.resized(
        width: width * detailSide / shorter, height: height * detailSide / shorter, .area)
    }
    return try image.resized(width: width, height: height, interpolation.kernel)
  }

  /// The part of an image that becomes the input, in the image's pixels; where the whole image gets a border,
  /// with that border.
  public func part(ofWidth imageWidth: Int, height imageHeight: Int) -> ImagePart {
    var (partWidth, partHeight) = (imageWidth, imageHeight)
    switch resizeMode {
    case .centerCrop:
      (partWidth, partHeight) = centerCropSize(width: imageWidth, height: imageHeight)
      if let shorterSide {
        let scale = Double(min(imageWidth, imageHeight)) / Double(shorterSide)
        partWidth = max(1, Int((Double(width) * scale).rounded()))
        partHeight = max(1, Int((Double(height) * scale).rounded()))
      }
    case .squash: break
    case .letterbox:
      let scale = max(Double(imageWidth) / Double(width), Double(imageHeight) / Double(height))
      partWidth = Int((Double(width) * scale).rounded())
      partHeight = Int((Double(height) * scale).rounded())
    }
    return ImagePart(
      x: (imageWidth - partWidth) / 2, y: (imageHeight - partHeight) / 2, width: partWidth,
      height: partHeight)
  }

  /// The input's size out of the center of an image whose shorter side was resized, as torchvision's
  /// `Resize` and `CenterCrop` round both.
  private func centerOfResized(_ image: Image, to side: Int) throws(ImageError) -> Image {
    let (shorter, longer) = (min(image.width, image.height), max(image.width, image.height))
    let other = side * longer / shorter
    let isUpright = image.width <= image.height
    let whole = try image.resized(
      width: isUpright ? side : other, height: isUpright ? other : side, interpolation.kernel)
    func start(_ extent: Int, _ crop: Int) -> Int {
      Int((Double(extent - crop) / 2).rounded(.toNearestOrEven))
    }
    return try whole.cropped(
      x: start(whole.width, width), y: start(whole.height, height), width: width, height: height)
  }

  /// The whole image in the middle of a black one of the input's size.
  private func letterboxed(_ image: Image) throws(ImageError) -> Image {
    let scale = min(
      Double(width) / Double(image.width), Double(height) / Double(image.height))
    let inner = try image.resized(
      width: min(max(Int((Double(image.width) * scale).rounded()), 1), width),
      height: min(max(Int((Double(image.height) * scale).rounded()), 1), height),
      interpolation.kernel)
    var result = Image(
      layout: PixelLayout(width: width, height: height, channels: channels, sample: .uint8))
    let (left, top) = ((width - inner.width) / 2, (height - inner.height) / 2)
    inner.withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        let count = inner.width * channels
        for row in 0..<inner.height {
          let place = ((top + row) * width + left) * channels
          target[place..<place + count].copyBytes(from: source[row * count..<(row + 1) * count])
        }
      }
    }
    return result
  }

  /// The size of the largest part of an image that has the input's aspect ratio.
  private func centerCropSize(width imageWidth: Int, height imageHeight: Int) -> (Int, Int) {
    let scale = min(Double(imageWidth) / Double(width), Double(imageHeight) / Double(height))
    return (
      min(max(Int((Double(width) * scale).rounded()), 1), imageWidth),
      min(max(Int((Double(height) * scale).rounded()), 1), imageHeight)
    )
  }

  /// Writes an image as the network takes it: ``elementCount`` values, C × H × W.
  ///
  /// - Precondition: `values` has room for them.
  public func write(
    _ image: Image, to values: UnsafeMutableBufferPointer<Float>
  ) throws(ImageError) {
    precondition(values.count >= elementCount, "room for \(elementCount) values")
    let resized = try resized(image)
    let planes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: elementCount)
    defer { planes.deallocate() }
    resized.writePlanes(to: planes)
    normalize(UnsafeBufferPointer(planes), into: values)
  }

  /// An input that examples fill with such images: bytes that become numbers when a step takes them.
  func slot(_ name: String) -> ExampleSlot {
    ExampleSlot(
      name, [channels, height, width],
      .bytes(scale: std.map { 1 / (255 * $0) }, shift: zip(mean, std).map { -$0 / $1 }))
  }

  /// Turns 8-bit planes, N × C × H × W for any N, into normalized floats.
  func normalize(
    _ planes: UnsafeBufferPointer<UInt8>, into values: UnsafeMutableBufferPointer<Float>
  ) {
    let area = width * height
    // Both buffers hold as many values as there are planes; the loop vectorizes.
    guard let input = planes.baseAddress, let output = values.baseAddress else { return }
    for plane in 0..<planes.count / area {
      let channel = plane % channels
      let scale = 1 / (255 * std[channel])
      let shift = -mean[channel] / std[channel]
      // Planes come as RGB; with another order the first becomes the last.
      let place = channelOrder == .bgr && channels == 3 ? plane - channel + 2 - channel : plane
      let (source, target) = (input + place * area, output + plane * area)
      for index in 0..<area { target[index] = Float(source[index]) * scale + shift }
    }
  }
}

extension Preprocessing.Interpolation {
  fileprivate var kernel: Resampling {
    switch self {
    case .linear: .linear
    case .cubic: .cubic
    }
  }
}

extension Image {
  /// Writes an 8-bit image channel by channel (C × H × W).
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
