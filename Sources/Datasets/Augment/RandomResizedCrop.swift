import Glibc
import Images
import ModelFiles
import Tensors

/// A random part of an image, of random size and shape, resized to the input's size.
///
/// The part's area is a share of the image's drawn evenly from `area`, its width to height drawn from
/// 3:4 to 4:3 evenly on a logarithmic scale; ten tries, then the largest centered part. (Szegedy et al.
/// 2015, "Going Deeper with Convolutions", section 6; the usual training crop of ImageNet.) It comes
/// before the other augmentations, since it sets the size.
public struct RandomResizedCrop: Sendable {
  /// The share of the image's area that the part takes, at least and at most.
  public let area: ClosedRange<Float>

  public init(area: ClosedRange<Float> = 0.35...1) {
    let lower = min(max(area.lowerBound, 0.01), 1)
    self.area = lower...min(max(area.upperBound, lower), 1)
  }

  /// The part of an image of any size as the network's input, 8 bits.
  public func apply(
    to image: Image, form: Preprocessing, random: inout RandomSource
  ) throws(ImageError) -> Image {
    let (x, y, width, height) = part(of: image, random: &random)
    guard width > 0 else { return try form.resized(image) }
    return try image.flattened(channels: form.channels)
      .cropped(x: x, y: y, width: width, height: height)
      .resized(width: form.width, height: form.height, .linear)
  }

  /// Width 0 where ten tries gave no part that fits.
  private func part(
    of image: Image, random: inout RandomSource
  ) -> (x: Int, y: Int, width: Int, height: Int) {
    let whole = Float(image.width) * Float(image.height)
    for _ in 0..<10 {
      let words = random.block(at: 0)
      random.counter &+= 1
      let size =
        whole
        * (area.lowerBound + (area.upperBound - area.lowerBound) * RandomSource.uniform(words[0]))
      let shape = expf(logf(4 / 3) * (2 * RandomSource.uniform(words[1]) - 1))
      let width = Int((size * shape).squareRoot().rounded())
      let height = Int((size / shape).squareRoot().rounded())
      guard (1...image.width).contains(width), (1...image.height).contains(height) else {
        continue
      }
      return (
        RandomSource.place(words[2], below: image.width - width + 1),
        RandomSource.place(words[3], below: image.height - height + 1), width, height
      )
    }
    return (0, 0, 0, 0)
  }
}
