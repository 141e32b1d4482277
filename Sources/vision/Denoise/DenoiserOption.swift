import ArgumentParser
import Engine
import ModelFiles
import Restoration

/// Which denoiser runs.
struct DenoiserOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Denoiser: a model file, such as 'vision denoise train' writes.", valueName: "name|file"),
    completion: .model)
  var model: String?

  func denoiser(_ options: PlanOptions) throws(RunError) -> Denoiser {
    guard let model else {
      throw .usage(
        "no denoiser ships; make one with 'vision denoise train', and name it with --model")
    }
    do { return try Denoiser(path: ModelCatalog().path(for: model), options: options) } catch {
      throw .aborted(advised(error))
    }
  }
}
