import ArgumentParser
import ModelFiles
import Restoration

/// Which classifier's features are compared.
struct FeaturesOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Classifier whose features are compared: a bundled model or a model file.",
      valueName: "name|file"), completion: .model)
  var features: String?

  /// What compares them, of a model by name or path.
  static func distance(_ name: String) throws(RunError) -> FeatureDistance {
    do { return try FeatureDistance(path: ModelCatalog().path(for: name)) } catch {
      throw .aborted("--features \(advised(error))")
    }
  }
}
