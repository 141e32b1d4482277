import ArgumentParser
import Engine
import Inference
import ModelFiles
import Restoration

/// Which networks clean images.
struct DenoiserOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Denoiser: a bundled model or a model file (default: the bundled ones, by the image's colors).",
      valueName: "name|file"),
    completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "What estimates the noise's level: a bundled model or a model file.", valueName: "name|file"),
    completion: .model)
  var estimator = "noise-level"

  /// - Parameter options: their cancellation counts; the estimator's plans are always the same.
  func noiseEstimator(_ options: PlanOptions) throws(RunError) -> NoiseEstimator {
    do {
      return try NoiseEstimator(
        path: ModelCatalog().path(for: estimator),
        options: PlanOptions(cancellation: options.cancellation))
    } catch {
      throw .aborted(advised(error))
    }
  }

  /// The one that was named, or those that ship.
  func cleaners(of flaw: Flaw.Kind, _ options: PlanOptions) throws(RunError) -> CleanersByColors {
    let catalog = ModelCatalog()
    let prefix =
      switch flaw {
      case .noise: "denoise"
      case .compression: "jpeg"
      }
    let bundled = ["\(prefix)-gray", "\(prefix)-color"]
    let names =
      model.map { [$0] } ?? catalog.entries.map(\.name).filter { bundled.contains($0) }
    guard !names.isEmpty else {
      throw .aborted(
        "no denoiser was found; name one with --model, or set VISION_MODELS to the directory of the models"
      )
    }
    var found = CleanersByColors()
    for name in names {
      do {
        let cleaner = try Cleaner(path: catalog.path(for: name), of: flaw, options: options)
        if cleaner.colors == 1 { found.gray = cleaner } else { found.color = cleaner }
      } catch { throw .aborted(advised(error)) }
    }
    return found
  }
}

/// A network for gray images and one for colors, which takes gray ones, too.
struct CleanersByColors: Sendable {
  var gray: Cleaner?
  var color: Cleaner?

  /// The one for images of so many colors, 1 or 3; nil where there is none.
  func cleaner(colors: Int) -> Cleaner? { colors == 1 ? gray ?? color : color }
}
