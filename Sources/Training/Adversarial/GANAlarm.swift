import Images

/// Signs that an adversarial training goes wrong, each with advice.
enum GANAlarm {
  /// Before so many steps all samples look alike, and that is no sign.
  static let firstStep = 1000

  /// What the means of an epoch and its samples give rise to; empty when all is well.
  static func alarms(
    _ means: AdversarialStep.Outcome, samples: [Image], quality: GANQuality?
  ) -> [String] {
    var alarms: [String] = []
    if means.realProbability > 0.97, means.fakeProbability < 0.03 {
      alarms.append(
        "the discriminator tells everything apart (D(x) "
          + "\(Self.percent(means.realProbability)), D(G(z)) "
          + "\(Self.percent(means.fakeProbability))): give it a smaller learning rate, or a "
          + "gradient penalty")
    }
    if meanPairwiseDistance(samples.map(pixels)) < 0.02 * Double(pixelCount(samples)).squareRoot()
      || quality.map({ $0.diversity < 0.4 }) ?? false
    {
      alarms.append(
        "the samples look like each other: give the generator a smaller learning rate, or go on from "
          + "an earlier epoch with another seed")
    }
    return alarms
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  private static func pixelCount(_ samples: [Image]) -> Int {
    samples.first.map { $0.layout.samplesPerRow * $0.height } ?? 0
  }

  /// Samples in 0…1.
  private static func pixels(_ image: Image) -> [Float] {
    image.withUnsafeBytes { $0.map { Float($0) / 255 } }
  }
}
