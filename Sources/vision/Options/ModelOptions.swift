import ArgumentParser
import Files
import Inference
import ModelFiles

/// Which classifier runs, and how it computes.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Bundled model (see 'vision models'), model file or ONNX file.",
      valueName: "name|file"), completion: .model)
  var model = "things"

  @OptionGroup(title: "Preprocessing (ONNX models)") var preparation: PreprocessingOptions

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  /// The files that ``classifier()`` reads, as far as they exist.
  var files: [FilePath] {
    [try? ModelCatalog().path(for: model), preparation.labels].compactMap { $0 }
      .map(FilePath.init(argument:))
  }

  /// Reads a classifier of texts, series or clips; nil where the model takes images, or is to be read by
  /// ``classifier(output:)``, which says what is wrong with it.
  func sequenceClassifier() throws(RunError) -> SequenceClassifier? {
    guard let path = try? ModelCatalog().path(for: model),
      let card = try? ModelFile.card(path: path), card.sequences != nil
    else { return nil }
    do throws(InferenceError) { return try LoadedModel(path: path).sequenceClassifier() } catch {
      throw .aborted(advised(error))
    }
  }

  /// Reads the classifier. Weights that are no numbers are named.
  ///
  /// - Parameter output: the output of an ONNX network that is wanted.
  func classifier(output: String? = nil) throws(RunError) -> Classifier {
    if PathText.isEscaped(model) {
      throw .usage(
        "--model \(FilePath(argument: model)): file names must be valid UTF-8 for this command; "
          + "rename the file"
      )
    }
    let metadata = try preparation.metadata(output: output)
    do {
      let classifier = try Classifier(
        path: ModelCatalog().path(for: model), metadata: metadata,
        preprocessing: preparation.overrides)
      if !classifier.nonFiniteWeights.names.isEmpty {
        Console.warn(
          "its weights \(classifier.nonFiniteWeights.list) hold numbers that are not finite",
          about: model)
      }
      return classifier
    } catch { throw .aborted(advised(error)) }
  }
}
