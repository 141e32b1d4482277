import Glibc
import Images
import Tensors

/// A random part of an image at a random scale, of fixed size, in its own aspect ratio.
///
/// The scale is drawn evenly on a logarithmic axis, and raised where the part would not lie within the image.
/// What lies around the part comes with it as far as a network sees; beyond the image that is its mirror image.
/// (O. Ronneberger et al. 2015, arXiv 1505.04597, §2 and Figure 2: mirroring; L.-C. Chen et al. 2016, arXiv
/// 1606.00915, §4.1: random scales.) It comes before the other augmentations, since it sets the size.
public struct RandomScaledCrop: Sendable {
  /// Pixels of the result for one of the image.
  public let scales: ClosedRange<Float>
  /// Pixels at each edge of the result that may lie beyond the image.
  public let margin: Int

  public init(scales: ClosedRange<Float> = 0.75...1.5, margin: Int = 0) {
    let lower = scales.lowerBound.clamped(to: 1 / 16...16)
    self.scales = lower...max(lower, scales.upperBound.clamped(to: 1 / 16...16))
    self.margin = max(margin, 0)
  }

  /// A part of an image and the same of what goes with it.
  ///
  /// - Parameters:
  ///   - companions: masks and the like, and how each is read.
  ///   - random: nil takes the middle at a scale of 1, or the smallest above it at which the part lies within
  ///     the image.
  /// - Precondition: all are 8-bit and of one size; the result is larger than both margins.
  public func apply(
    to image: Image, and companions: [(image: Image, sampling: Sampling)], width: Int,
    height: Int, random: inout RandomSource?
  ) -> (image: Image, companions: [Image]) {
    precondition(
      companions.allSatisfy { $0.image.width == image.width && $0.image.height == image.height })
    precondition(min(width, height) > 2 * margin, "a part within its margins")
    let inner = (width: Float(width - 2 * margin), height: Float(height - 2 * margin))
    let size = (width: Float(image.width), height: Float(image.height))
    var (scale, across, down): (Float, Float, Float) = (1, 0.5, 0.5)
    if var source = random {
      scale = expf(source.uniform(logf(scales.lowerBound), logf(scales.upperBound)))
      (across, down) = (source.uniform(), source.uniform())
      random = source
    }
    scale = max(scale, inner.width / size.width, inner.height / size.height)
    let step = 1 / scale
    // The center of the result's pixel 0 in the image.
    let left = across * (size.width - inner.width * step) + step * (0.5 - Float(margin)) - 0.5
    let top = down * (size.height - inner.height * step) + step * (0.5 - Float(margin)) - 0.5
    func cut(_ image: Image, _ sampling: Sampling) -> Image {
      image.sampled(width: width, height: height, sampling) { x, y in
        (
          mirrored(left + Float(x) * step, size.width - 1),
          mirrored(top + Float(y) * step, size.height - 1)
        )
      }
    }
    return (cut(image, .linear), companions.map { cut($0.image, $0.sampling) })
  }
}

/// A place mirrored at 0 and at `last`.
@inline(__always)
private func mirrored(_ place: Float, _ last: Float) -> Float {
  if place >= 0, place <= last { return place }
  guard last > 0 else { return 0 }
  let within = fmodf(abs(place), 2 * last)
  return min(within, 2 * last - within)
}
