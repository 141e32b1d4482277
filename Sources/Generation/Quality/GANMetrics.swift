import Images
import Inference
import Training

/// How near a generator's images come to real ones, on the features of a shipped classifier.
///
/// Not the published FID and KID, which are measured on another network's features.
public struct GANMetrics: Sendable, Hashable, Codable {
  /// The classifier whose features they are.
  public var features: String
  /// Generated and real images that were compared.
  public var generatedCount: Int
  public var realCount: Int
  /// See ``FrechetDistance``.
  public var frechetDistance: Double
  /// The Fréchet distance between the real images and others that are real, too: what a
  /// generator that misses nothing would reach. Nil where there are no others.
  public var floor: Double?
  /// See ``KernelMMD``.
  public var kernelDistance: Double
  /// Mean distance between the features of two generated images, as a share of that of two
  /// real ones; far below 1 when the generator makes few different images.
  public var diversity: Double
}

/// Real images to measure generators against.
public final class GANEvaluator {
  private let extractor: FeatureExtractor
  private let real: [[Float]]
  private let distance: FrechetDistance
  private let realSpread: Double

  /// Distances between all pairs are taken of so many images at most.
  private static let pairwiseLimit = 1000

  /// - Parameter images: two or more real images.
  public init(
    _ images: [Image], features extractor: FeatureExtractor
  ) throws(TrainingError) {
    guard images.count >= 2 else {
      throw .data("quality is measured on two or more real images, there are \(images.count)")
    }
    self.extractor = extractor
    real = try Self.features(of: images, extractor)
    distance = FrechetDistance(from: Self.moments(real, extractor.size))
    realSpread = meanPairwiseDistance(Array(real.prefix(Self.pairwiseLimit)))
  }

  /// The quality of two or more images.
  ///
  /// - Parameter others: real images other than the reference's, as many as the generated ones if
  ///   there are so many, for ``GANMetrics/floor``.
  public func quality(
    of images: [Image], others: [Image] = []
  ) throws(TrainingError) -> GANMetrics {
    let floor =
      others.count < 2
      ? nil
      : distance.squared(
        to: Self.moments(try Self.features(of: others, extractor), extractor.size))
    let generated = try Self.features(of: images, extractor)
    let spread = meanPairwiseDistance(Array(generated.prefix(Self.pairwiseLimit)))
    return GANMetrics(
      features: extractor.name, generatedCount: generated.count, realCount: real.count,
      frechetDistance: distance.squared(to: Self.moments(generated, extractor.size)),
      floor: floor,
      kernelDistance: KernelMMD.estimate(
        Array(real.prefix(Self.pairwiseLimit)), Array(generated.prefix(Self.pairwiseLimit))),
      diversity: realSpread > 0 ? spread / realSpread : 0)
  }

  /// - Throws: where a feature is not finite, as with damaged weights.
  private static func features(
    of images: [Image], _ extractor: FeatureExtractor
  ) throws(TrainingError) -> [[Float]] {
    let features: [[Float]]
    do throws(InferenceError) { features = try extractor.features(of: images) } catch {
      throw TrainingError(wrapping: error)
    }
    guard features.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw .network(
        "the features of the model \(extractor.name) are not finite: its weights are damaged; use "
          + "another one for features")
    }
    return features
  }

  private static func moments(_ features: [[Float]], _ size: Int) -> FeatureMoments {
    var moments = FeatureMoments(size: size)
    for vector in features { moments.add(vector) }
    return moments
  }
}
