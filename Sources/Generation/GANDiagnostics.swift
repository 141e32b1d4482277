import Figures
import Files
import Images

/// Signs that an adversarial training goes wrong, each with advice.
package enum GANDiagnostics {
  /// Before so many steps all samples look alike, and that is no sign.
  static let firstStep = 1000

  /// What an epoch gives rise to; empty when all is well.
  ///
  /// - Parameters:
  ///   - realProbability: the epoch's mean of D(x).
  ///   - fakeProbability: the epoch's mean of D(G(z)).
  ///   - samples: of the generator after the epoch.
  ///   - diversity: of ``GANMetrics``, where it was measured.
  package static func warnings(
    realProbability: Double, fakeProbability: Double, samples: [Image], diversity: Double?
  ) -> [String] {
    var warnings: [String] = []
    if realProbability > 0.97, fakeProbability < 0.03 {
      let (real, fake) = (
        percent(realProbability, decimals: 0), percent(fakeProbability, decimals: 0)
      )
      warnings.append(
        "the discriminator is winning (D(x) \(real), D(G(z)) \(fake)): try another recipe, "
          + "r1 or spectral-norm, or a smaller batch")
    }
    if meanPairwiseDistance(samples.map(pixels)) < 0.02 * Double(pixelCount(samples)).squareRoot()
      || diversity.map({ $0 < 0.4 }) ?? false
    {
      warnings.append(
        "possible mode collapse, samples are nearly identical: try another seed, or another recipe, "
          + "r1 or spectral-norm")
    }
    return warnings
  }

  private static func pixelCount(_ samples: [Image]) -> Int {
    samples.first.map { $0.layout.samplesPerRow * $0.height } ?? 0
  }

  /// Samples in 0…1.
  private static func pixels(_ image: Image) -> [Float] {
    image.withUnsafeBytes { $0.map { Float($0) / 255 } }
  }
}
