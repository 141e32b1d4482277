import Images
import Inference

/// How near a generator's pictures come to real ones, on the features of a shipped classifier.
///
/// Not the published FID and KID, which are measured on another network's features.
public struct GANQuality: Sendable, Hashable, Codable {
  /// The classifier whose features they are.
  public var features: String
  /// Generated and real pictures that were compared.
  public var generatedCount: Int
  public var realCount: Int
  /// See ``FrechetDistance``.
  public var frechetDistance: Double
  /// The Fréchet distance between the real pictures and others that are real, too: what a
  /// generator that misses nothing would reach. Nil where there are no others.
  public var floor: Double?
  /// See ``KernelDistance``.
  public var kernelDistance: Double
  /// Mean distance between the features of two generated pictures, as a share of that of two
  /// real ones; far below 1 when the generator makes few different pictures.
  public var diversity: Double
}

/// Real pictures to measure generators against.
public final class GANReference {
  private let extractor: FeatureExtractor
  private let real: [[Float]]
  private let distance: FrechetDistance
  private let realSpread: Double

  /// Distances between all pairs are taken of so many pictures at most.
  private static let pairwiseLimit = 1000

  /// - Parameter pictures: two or more real pictures.
  public init(
    _ pictures: [Image], features extractor: FeatureExtractor
  ) throws(TrainingError) {
    guard pictures.count >= 2 else {
      throw .data("quality is measured on two or more real pictures, there are \(pictures.count)")
    }
    self.extractor = extractor
    real = try wrapped(try extractor.features(of: pictures))
    distance = FrechetDistance(from: Self.moments(real, extractor.size))
    realSpread = meanPairwiseDistance(Array(real.prefix(Self.pairwiseLimit)))
  }

  /// The quality of two or more pictures.
  ///
  /// - Parameter others: real pictures other than the reference's, as many as the generated ones if
  ///   there are so many, for ``GANQuality/floor``.
  public func quality(
    of pictures: [Image], others: [Image] = []
  ) throws(TrainingError) -> GANQuality {
    let floor =
      others.count < 2
      ? nil
      : distance.squared(
        to: Self.moments(try wrapped(try extractor.features(of: others)), extractor.size))
    let generated = try wrapped(try extractor.features(of: pictures))
    let spread = meanPairwiseDistance(Array(generated.prefix(Self.pairwiseLimit)))
    return GANQuality(
      features: extractor.name, generatedCount: generated.count, realCount: real.count,
      frechetDistance: distance.squared(to: Self.moments(generated, extractor.size)),
      floor: floor,
      kernelDistance: KernelDistance.estimate(
        Array(real.prefix(Self.pairwiseLimit)), Array(generated.prefix(Self.pairwiseLimit))),
      diversity: realSpread > 0 ? spread / realSpread : 0)
  }

  private static func moments(_ features: [[Float]], _ size: Int) -> FeatureMoments {
    var moments = FeatureMoments(size: size)
    for vector in features { moments.add(vector) }
    return moments
  }
}
