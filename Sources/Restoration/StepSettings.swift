import Engine
import Training

/// How many steps a training of this room takes, and how they are computed.
protocol StepSettings {
  var epochs: Int { get }
  var stepsPerEpoch: Int { get }
  var batchSize: Int { get }
  var precision: Precision { get }
}

extension StepSettings {
  /// Rates that rise in the first steps and then fall along a cosine.
  ///
  /// - Parameters:
  ///   - id: of the phase.
  ///   - floor: what is left of the rates at the end, as a fraction.
  ///   - averagedSteps: the half-life of the average that is kept.
  ///   - emaScope: what the names of the averaged variables begin with; nil averages all.
  ///   - selection: which epoch is the best; nil keeps the last one.
  func plan(
    _ id: String, floor: Float = 0.005, averagedSteps: Int = 100, emaScope: String? = nil,
    selection: Selection?
  ) -> PhasePlan {
    PhasePlan(
      id: id, epochs: epochs, batchSize: batchSize, stepsPerEpoch: stepsPerEpoch,
      schedule: { .warmup(steps: min(100, $0 / 10), then: .cosine(steps: $0, floor: floor)) },
      precision: precision, ema: EMA(halfLife: Double(averagedSteps * batchSize)),
      emaScope: emaScope, selection: selection, recovery: .halvedRates)
  }
}

extension RestorationSettings: StepSettings {}
extension AutoencoderSettings: StepSettings {}
extension NoiseEstimatorSettings: StepSettings {}
