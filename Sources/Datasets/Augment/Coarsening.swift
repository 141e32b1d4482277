import Images
import Tensors

/// Makes an image coarser, as a small upload or a digital zoom is: reduces it by a factor drawn evenly from
/// 1 to `factor` and enlarges it again, linearly.
///
/// A classifier that has seen its classes at several resolutions answers alike for a photograph and its
/// thumbnail. (Touvron et al. 2019, "Fixing the Train-Test Resolution Discrepancy", arXiv 1906.06423, shows
/// how much it is misled otherwise.)
public struct Coarsening: Augmentation {
  /// The most to reduce by.
  public let factor: Float

  public init(factor: Float = 2) { self.factor = factor.clamped(to: 1...16) }

  /// Not in place: whatever goes with the image is not resampled.
  public var isGeometric: Bool { false }

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    let scale = random.uniform(1, factor)
    func reduced(_ side: Int) -> Int { max(1, Int((Float(side) / scale).rounded())) }
    let (width, height) = (reduced(image.width), reduced(image.height))
    guard (width, height) != (image.width, image.height),
      // No error of resizing applies: both sizes are at least 1 and no larger than the image's.
      let small = try? image.resized(width: width, height: height, .linear),
      let restored = try? small.resized(width: image.width, height: image.height, .linear)
    else { return image }
    return restored
  }
}
