import ArgumentParser
import Classification
import Datasets
import Engine
import FoundationEssentials
import Inference
import ModelFiles
import Training

/// `vision evaluate`: evaluates a classifier on labeled images.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluates a classifier on labeled images.",
    usage: "vision evaluate [<options>] <data>",
    discussion: """
      DATA has the same layout as for 'vision train'. If the data has a test split, that split is \
      used. Classes are matched by name, or by index where the data has no names.

      Examples:
        vision evaluate --model run/best.safetensors photos/
        vision evaluate --model objects cifar10/test --json
        vision evaluate --model net.onnx --preprocess imagenet photos/
      """)

  @Argument(
    help: ArgumentHelp("The labeled images.", valueName: "data"), completion: .directory)
  var data: String

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "Output of an ONNX network to read (default: the first that is a classifier's).",
      valueName: "name"))
  var output: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(help: ArgumentHelp("Batch size.", valueName: "n"))
  var batch: Int = 100

  func validate() throws {
    guard (1...4_096).contains(batch) else {
      throw ValidationError("--batch \(batch): must be between 1 and 4096")
    }
  }

  func run() throws {
    OpenMP.limitSpinning()
    try model.computing.profiled(evaluate)
  }

  private func evaluate(_ options: PlanOptions) throws {
    if let model = try model.sequenceClassifier() { return try evaluate(model, options) }
    let result: ClassifierEvaluator.Result
    let failures: [DatasetWarning]
    let classNames: [String]
    var progress: Progress?
    defer { progress?.clear() }
    do {
      let model = try model.classifier(output: output)
      classNames = model.card.classNames
      let parts = try DatasetSplits(path: data, fewestClasses: 1)
      Console.warn(parts.warnings.filter { !$0.isTrainingOnly })
      failures = parts.warnings.filter(\.isFailure)
      let images = try parts.evaluation.matched(to: classNames, path: data)
      let evaluator = ClassifierEvaluator(
        predictor: try model.predictor(
          batchSize: min(batch, images.count), options: options),
        images: images, form: model.preprocessing, groups: model.groups)
      progress = Progress(total: images.count)
      result = try evaluator.evaluate { progress?.show(done: $0) }
    } catch {
      throw RunError(evaluating: error)
    }
    progress?.clear()
    guard result.evaluation.count > 0 else {
      throw RunError(
        .noneReadable(path: data, count: result.damaged.count, damaged: result.damaged))
    }
    Console.warn(result.damaged)
    let report = EvaluationReport(result.evaluation, classNames: classNames)
    StandardStream.output.write((json ? try encodeJSON(object: report) : report.text) + "\n")
    if !failures.isEmpty || !result.damaged.isEmpty { throw ExitStatus.partialFailure }
  }
}

extension RunError {
  /// What keeps a model from being measured: an error of the data, of the model or of the measuring.
  init(evaluating error: any Error) {
    self =
      switch error {
      case let error as RunError: error
      case let error as DatasetError: RunError(error)
      case let error as TrainingError: RunError(error)
      case let error as InferenceError: RunError(error)
      default: .aborted("\(error)")
      }
  }
}
