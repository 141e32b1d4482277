import Datasets
import Engine
import Glibc
import Graphs
import Inference
import ModelFiles
import Networks
import Tensors
import Training

/// Parts of photographs through the network; the mean absolute error is minimized (Lim et al. 2017, arXiv
/// 1707.02921, §3.2: it gives a better PSNR than the squared one).
///
/// Kernels take orthogonal steps: 400, of 8 parts each, bring a denoiser's PSNR to 28.6 dB, those of Adam to
/// 26.8.
struct RestorationPhase: Phase {
  let task: RestorationTask

  /// The side of the parts that are measured, in pixels of the input.
  private static let measuredSide = 96
  /// Pixels of the output that are cut off each edge before measuring.
  private static let cut = 8
  /// What the last convolution makes is seen at once: it takes shorter steps.
  private static let tailRateFactor: Float = 0.3

  var plan: PhasePlan {
    let settings = task.settings
    return PhasePlan(
      id: settings.restoration, epochs: settings.epochs, batchSize: settings.batchSize,
      stepsPerEpoch: settings.stepsPerEpoch,
      schedule: { .warmup(steps: min(100, $0 / 10), then: .cosine(steps: $0, floor: 0.005)) },
      precision: settings.precision, ema: EMA(halfLife: Double(200 * settings.batchSize)),
      selection: task.validation.map { _ in Selection(("psnr", largest: true)) },
      recovery: .halvedRates)
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    task.restoration.patches(of: task.images, side: task.settings.patch)
  }

  func initialValues(_ context: PhaseContext) throws(TrainingError) -> TensorTable {
    task.pretrainedWeights
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let input = try step.input(UpscalingPatches.image)
      let target = try step.input(UpscalingPatches.target)
      let network = try task.network(size: task.settings.patch).build(on: input, mode: .training)
      let weights = task.restoration.channelWeights
      let error = try (network.output - target).map(.abs)
      let weighted =
        try error
        * step.graph.constant(
          Tensor(
            [1, weights.count, 1, 1],
            weights.map { $0 * Float(weights.count) / weights.reduce(0, +) }))
      let loss = try weighted.mean()
      try step.minimize(
        loss, network.parameters,
        with: Optimizer(.sgd(momentum: 0.9, nesterov: true), muon: Muon()),
        learningRate: task.settings.learningRate,
        rateFactor: { $0.contains(".tail.") ? Self.tailRateFactor : 1 })
      step.report("loss", loss)
    } catch { throw TrainingError(wrapping: error) }
  }

  // MARK: - After an epoch

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    guard let validation = task.validation else { return Measures() }
    let side = validationSide(validation)
    let source = task.restoration.patches(of: validation, side: side)
    do {
      let runner = try snapshot.tool { () throws(TrainingError) in
        let network = try task.network(size: side)
        return try wrappingInference { () throws(InferenceError) in
          try BatchRunner(
            network, variables: snapshot.variables, batchSize: 1, scope: snapshot.scope(of: nil),
            options: snapshot.context.options)
        }
      }
      let loader = Loader(source, batchSize: 1, threads: 1)
      var sum = 0.0
      var count = 0
      for _ in 0..<loader.batchCount {
        try snapshot.context.interruption.check()
        let psnr: Double? = try loader.next { batch in
          guard batch.count == 1 else { return nil }
          var target = [Float](repeating: 0, count: runner.outputCount)
          target.withUnsafeMutableBufferPointer {
            _ = batch.write(UpscalingPatches.target, to: $0)
          }
          return try runner.runBatch {
            _ = batch.write(UpscalingPatches.image, to: $0)
          } _: {
            _, output in
            task.restoration.psnr(
              output, target, side: task.restoration.scale * side, cut: Self.cut)
          }
        }
        guard let psnr else { continue }
        sum += psnr
        count += 1
      }
      return count == 0 ? Measures() : Measures(["psnr": sum / Double(count)])
    } catch { throw TrainingError(wrapping: error) }
  }

  /// As large as the smallest image allows.
  private func validationSide(_ images: Dataset) -> Int {
    guard case .memory(let images) = images.source else { return task.settings.patch }
    let smallest = images.map { min($0.width, $0.height) }.min() ?? 0
    let side = min(Self.measuredSide, smallest / task.restoration.scale) / 4 * 4
    return max(side, task.settings.patch)
  }
}

/// Runs inference code; its error becomes one of training.
func wrappingInference<Result>(
  _ body: () throws(InferenceError) -> Result
) throws(TrainingError) -> Result {
  do { return try body() } catch { throw TrainingError(wrapping: error) }
}
