import Images
import Tensors

/// Mirrors an image left to right, one time in two.
///
/// For things that have no left and right: photographs, not digits. (Krizhevsky et al. 2012, "ImageNet
/// Classification with Deep Convolutional Neural Networks", section 4.1.)
public struct HorizontalFlip: Augmentation {
  public init() {}

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    guard random.uniform() < 0.5 else { return image }
    var result = image
    let (width, height, channels) = (image.width, image.height, image.channels)
    image.withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        // Both hold width × height pixels.
        guard let source = source.baseAddress?.assumingMemoryBound(to: UInt8.self),
          let target = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return }
        for y in 0..<height {
          let (from, to) = (source + y * width * channels, target + y * width * channels)
          if channels == 3 {
            for x in 0..<width {
              let mirrored = 3 &* (width &- 1 &- x)
              to[3 &* x] = from[mirrored]
              to[3 &* x &+ 1] = from[mirrored &+ 1]
              to[3 &* x &+ 2] = from[mirrored &+ 2]
            }
          } else {
            for x in 0..<width { to[x] = from[width &- 1 &- x] }
          }
        }
      }
    }
    return result
  }
}
