/// Where an adversarial training stands: with the variables, all that it needs to go on.
struct GANState: Sendable, Hashable, Codable {
  /// Complete epochs.
  var epoch = 0
  /// Steps done of the epoch that is not complete.
  var step = 0
  /// Sums over these steps of what `AdversarialStep.Outcome` holds.
  var sums = Sums()
  /// Both learning rates are multiplied by it; halved when numbers were lost.
  var rateFactor: Float = 1
  /// Images that were seen when the generator was last taken into its average.
  var averagedImages = 0
  /// The epoch whose generator is the best so far, from 1; 0 before the first.
  var bestEpoch = 0
  /// Its Fréchet distance.
  var bestDistance = Double.infinity
  /// One row for each complete epoch.
  var log = RunLog(columns: [
    "epoch", "step", "discriminator_loss", "generator_loss", "d_real", "d_fake",
    "frechet_distance", "kernel_distance", "diversity",
  ])

  struct Sums: Sendable, Hashable, Codable {
    var discriminatorLoss = 0.0
    var generatorLoss = 0.0
    var realProbability = 0.0
    var fakeProbability = 0.0

    mutating func add(_ outcome: AdversarialStep.Outcome) {
      discriminatorLoss += outcome.discriminatorLoss
      generatorLoss += outcome.generatorLoss
      realProbability += outcome.realProbability
      fakeProbability += outcome.fakeProbability
    }

    /// Means over so many steps.
    func means(over steps: Int) -> AdversarialStep.Outcome {
      let count = Double(max(steps, 1))
      return AdversarialStep.Outcome(
        discriminatorLoss: discriminatorLoss / count, generatorLoss: generatorLoss / count,
        realProbability: realProbability / count, fakeProbability: fakeProbability / count)
    }
  }
}
