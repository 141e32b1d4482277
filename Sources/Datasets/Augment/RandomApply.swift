import Images
import Tensors

/// Applies an augmentation to a share of the images and leaves the others as they are.
///
/// Warped images are a little blurred, all of them: a network that never sees a crisp one in training
/// does worse on crisp ones later.
public struct RandomApply: Augmentation {
  public let augmentation: any Augmentation
  /// How often, 0…1.
  public let probability: Float

  public init(_ augmentation: any Augmentation, probability: Float = 0.5) {
    self.augmentation = augmentation
    self.probability = probability.clamped(to: 0...1)
  }

  public var isGeometric: Bool { augmentation.isGeometric }

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    random.uniform(0, 1) < probability
      ? augmentation.apply(to: image, random: &random, sampling: sampling) : image
  }
}
