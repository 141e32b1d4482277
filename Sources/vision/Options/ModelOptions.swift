import ArgumentParser
import Inference
import ModelFiles

/// Which classifier is asked, and how it computes.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A model that ships (see 'vision models'), a model file or an ONNX file.",
      valueName: "name|file"), completion: .model)
  var model = "objects"

  @OptionGroup(title: "ONNX files") var preparation: PreparationOptions

  @OptionGroup(title: "Computing") var computing: ComputingOptions

  /// The files that ``classifier()`` reads, as far as they exist.
  var files: [FilePath] {
    [try? ModelCatalog().path(for: model), preparation.labels].compactMap { $0 }
      .map(FilePath.init(argument:))
  }

  /// Reads the classifier.
  func classifier() throws(RunError) -> Classifier {
    if FilePath.isEscaped(model) {
      throw .usage("--model \(FilePath(argument: model)): its name must be UTF-8; rename it")
    }
    let metadata = try preparation.metadata()
    do {
      return try Classifier(
        path: ModelCatalog().path(for: model), metadata: metadata,
        preprocessing: preparation.overrides)
    } catch { throw .stopped("\(error)") }
  }
}
