import Datasets
import Engine
import Graphs
import Images
import ModelFiles
import Networks
import Tensors
import Training

/// Parts of photographs with noise through the network, which also says how sure it is: the likelihood of the
/// true level is maximized, by a Laplace distribution around what it says.
struct NoiseEstimatorPhase: Phase {
  let task: NoiseEstimatorTask

  /// The levels that each image is measured with.
  static let measuredSigmas = [0, 5, 10, 25, 50]
  /// As many images as are measured in a moment.
  private static let mostMeasured = 24

  var plan: PhasePlan {
    task.settings.plan(
      Restoration.Kind.noiseEstimation.rawValue,
      selection: task.validation.map { _ in Selection(("error", largest: false)) })
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    NoiseLevelPatches(images: task.images, side: task.settings.patch)
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let image = try step.input(NoiseLevelPatches.image)
      let sigma = try step.input(NoiseLevelPatches.level)
      let network = try task.network().build(on: image, mode: .training)
      let count = network.output.shape[0]
      func column(_ index: Int) throws(GraphError) -> Node {
        try step.graph.apply(
          Slice(starts: [0, index], ends: [count, index + 1]), [network.output])[0]
      }
      let error = try (column(0) - (1 + sigma / 2).map(.log)).map(.abs)
      let spread = try column(1)
      let loss = try (error * (-spread).map(.exp) + spread).mean()
      try step.minimize(
        loss, network.parameters, with: Optimizer(.adam()),
        learningRate: task.settings.learningRate)
      step.report("loss", loss)
    } catch { throw TrainingError(wrapping: error) }
  }

  // MARK: - After an epoch

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    guard let validation = task.validation else { return Measures() }
    do {
      let network = try task.network()
      var weights = TensorTable()
      for variable in try network.variables() { weights[variable.name] = snapshot[variable.name] }
      let estimator = NoiseEstimator(network, weights: weights)
      var (error, right, count) = (0.0, 0, 0)
      for index in 0..<min(validation.count, Self.mostMeasured) {
        let image = try validation.image(at: index)
        for sigma in Self.measuredSigmas.map(Double.init) {
          try snapshot.context.interruption.check()
          let found = try estimator.sigma(
            of: image.with(.noise(sigma: sigma), seed: UInt64(index)))
          error += abs(NoiseLevel.level(ofSigma: found) - NoiseLevel.level(ofSigma: sigma))
          // A clean image may seem to have a little; small levels are told less well.
          let tolerance = sigma == 0 ? 1 : max(2, 0.15 * sigma)
          if abs(found - sigma) <= tolerance { right += 1 }
          count += 1
        }
      }
      guard count > 0 else { return Measures() }
      return Measures([
        "error": error / Double(count), "right": Double(right) / Double(count),
      ])
    } catch { throw TrainingError(wrapping: error) }
  }
}
