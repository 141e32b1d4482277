import ArgumentParser
import Engine
import ModelFiles
import Training

/// Which classifier is asked, and how it computes.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A model that ships (see 'vision models'), a model file or an ONNX file.",
      valueName: "name|file"), completion: .model)
  var model = "objects"

  @Option(help: "Numbers to compute in: fp32, or bf16 where the processor has it.")
  var precision: Precision = .float32

  @Option(help: ArgumentHelp("Threads to use (default: all).", valueName: "n"))
  var threads: Int?

  @OptionGroup(title: "ONNX files") var preparation: PreparationOptions

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
  }

  var planOptions: PlanOptions { PlanOptions(threads: threads, precision: precision) }

  /// Reads the classifier.
  func classifier() throws(RunError) -> ClassifierModel {
    let preparation = try preparation.preparation()
    do {
      return try ClassifierModel(path: ModelCatalog().path(for: model), preparation: preparation)
    } catch { throw .stopped("\(error)") }
  }
}
