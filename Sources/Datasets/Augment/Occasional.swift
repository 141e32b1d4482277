import Images
import Tensors

/// Applies an augmentation to a share of the pictures and leaves the others as they are.
///
/// Warped pictures are a little blurred, all of them: a network that never sees a crisp one in training
/// does worse on crisp ones later.
public struct Occasional: Augmentation {
  public let augmentation: any Augmentation
  /// How often, 0…1.
  public let probability: Float

  public init(_ augmentation: any Augmentation, probability: Float = 0.5) {
    self.augmentation = augmentation
    self.probability = bounded(probability, 0...1)
  }

  public var isGeometric: Bool { augmentation.isGeometric }

  public func apply(
    to picture: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    random.uniform(0, 1) < probability
      ? augmentation.apply(to: picture, random: &random, sampling: sampling) : picture
  }
}
