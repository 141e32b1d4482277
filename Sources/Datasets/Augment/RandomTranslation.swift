import Images
import Tensors

/// Moves an image by up to `pixels` along both axes; what comes in at the border is the image
/// mirrored there (edge pixel not repeated). The same as padding by reflection and cropping.
///
/// Usual for small images, with 4 pixels of 32 (He et al. 2016, "Deep Residual Learning for Image
/// Recognition", section 4.2, there padded with zeros).
public struct RandomTranslation: Augmentation {
  public let pixels: Int

  public init(pixels: Int) { self.pixels = min(max(pixels, 0), 65_535) }

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    let words = random.block(at: 0)
    random.counter &+= 1
    let right = RandomSource.place(words[0], below: 2 * pixels + 1) - pixels
    let down = RandomSource.place(words[1], below: 2 * pixels + 1) - pixels
    return right == 0 && down == 0 ? image : moved(image, right: right, down: down)
  }

  private func moved(_ image: Image, right: Int, down: Int) -> Image {
    var result = image
    let (width, height, channels) = (image.width, image.height, image.channels)
    let columns = (0..<width).map { reflected($0 - right, width) * channels }
    // The part that moves as a whole, without the border.
    let first = min(max(right, 0), width)
    let last = max(first, min(width + right, width))
    image.withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        // Both hold width × height pixels; `reflected` gives places within.
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        let row = width * channels
        for y in 0..<height {
          let from = source + reflected(y - down, height) * row
          let to = target + y * row
          if last > first {
            (to + first * channels).copyMemory(
              from: from + columns[first], byteCount: (last - first) * channels)
          }
          for x in 0..<first {
            (to + x * channels).copyMemory(from: from + columns[x], byteCount: channels)
          }
          for x in last..<width {
            (to + x * channels).copyMemory(from: from + columns[x], byteCount: channels)
          }
        }
      }
    }
    return result
  }
}

/// A place mirrored into 0 ..< count: … 2 1 0 1 2 … count−2 count−1 count−2 …
func reflected(_ place: Int, _ count: Int) -> Int {
  guard count > 1 else { return 0 }
  let period = 2 * (count - 1)
  let within = (place % period + period) % period
  return within < count ? within : period - within
}
