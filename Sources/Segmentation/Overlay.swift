import Datasets
import Images

extension MaskClasses {
  /// An image with the color of each pixel's class laid over it, half and half; where there is no class the image
  /// itself.
  ///
  /// - Parameter map: a class for each pixel, or ``MaskClasses/none``.
  /// - Precondition: both are of one size.
  public func overlay(_ map: Image, over image: Image) -> Image {
    precondition(map.width == image.width && map.height == image.height, "a map of the image")
    var result = image.flattened(channels: 3)
    map.withUnsafeBytes { map in
      result.withUnsafeMutableBytes { bytes in
        for (pixel, number) in map.enumerated() where Int(number) < colors.count {
          let color = colors[Int(number)]
          for (channel, shift) in [16, 8, 0].enumerated() {
            let place = 3 * pixel + channel
            bytes[place] = UInt8((Int(bytes[place]) + color >> shift & 255) / 2)
          }
        }
      }
    }
    return result
  }
}
