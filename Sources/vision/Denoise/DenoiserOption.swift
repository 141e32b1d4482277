import ArgumentParser
import Engine
import Inference
import ModelFiles
import Restoration

/// Which network cleans images.
struct DenoiserOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Denoiser: a bundled model or a model file (default: the bundled ones, by the image's colors).",
      valueName: "name|file"),
    completion: .model)
  var model: String?

  func denoisers(_ options: PlanOptions) throws(RunError) -> ByColors<Denoiser> {
    try restorers("denoise") { (path) throws(InferenceError) in
      let denoiser = try Denoiser(path: path, options: options)
      return (denoiser, denoiser.colors)
    }
  }

  func deblockers(_ options: PlanOptions) throws(RunError) -> ByColors<Deblocker> {
    try restorers("jpeg") { (path) throws(InferenceError) in
      let deblocker = try Deblocker(path: path, options: options)
      return (deblocker, deblocker.colors)
    }
  }

  /// The one that was named, or those that ship.
  private func restorers<Restorer>(
    _ prefix: String, _ read: (String) throws(InferenceError) -> (Restorer, Int)
  ) throws(RunError) -> ByColors<Restorer> {
    let catalog = ModelCatalog()
    let bundled = ["\(prefix)-gray", "\(prefix)-color"]
    let names =
      model.map { [$0] } ?? catalog.entries.map(\.name).filter { bundled.contains($0) }
    var found = ByColors<Restorer>()
    for name in names {
      do {
        let (restorer, colors) = try read(catalog.path(for: name))
        if colors == 1 { found.gray = restorer } else { found.color = restorer }
      } catch { throw .aborted(advised(error)) }
    }
    guard !names.isEmpty else {
      throw .aborted(
        "no denoiser was found; name one with --model, or set VISION_MODELS to the directory of the models"
      )
    }
    return found
  }
}

/// A network for gray images and one for colors, which takes gray ones, too.
struct ByColors<Restorer: Sendable>: Sendable {
  var gray: Restorer?
  var color: Restorer?

  /// The one for images of so many colors, 1 or 3; nil where there is none.
  func restorer(colors: Int) -> Restorer? { colors == 1 ? gray ?? color : color }
}
