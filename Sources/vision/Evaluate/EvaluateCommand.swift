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
      used. Classes are matched by name, or by index where the data has no names. A model with \
      independent labels is evaluated on a list of labels as for 'vision train --multi-label': mean average \
      precision, F1, and precision and recall by label.

      Examples:
        vision evaluate --model run/best.safetensors photos/
        vision evaluate --model objects cifar10/test --json
        vision evaluate --model net.onnx --preprocess imagenet photos/
        vision evaluate --model run/best.safetensors tags.csv
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
    var failures: [DatasetWarning] = []
    let text: String
    var progress: Progress?
    defer { progress?.clear() }
    do {
      let model = try model.classifier(output: output)
      // Of labels that hold each on its own a list tells which; a folder tells one.
      let isMultiLabel = model.severalMayHold && DatasetSplits.isList(data)
      let parts = try DatasetSplits(path: data, fewestClasses: 1, isMultiLabel: isMultiLabel)
      Console.warn(parts.warnings.filter { !$0.isTrainingOnly })
      failures = parts.warnings.filter(\.isFailure)
      let (images, warnings) = try parts.evaluation.matched(to: model.classNames, path: data)
      Console.warn(warnings)
      let evaluator = ClassifierEvaluator(
        predictor: try model.predictor(
          batchSize: min(batch, images.count), options: options),
        images: images, form: model.preprocessing, groups: model.groups)
      progress = Progress(total: images.count)
      let damaged: [DatasetWarning]
      if isMultiLabel {
        let result = try evaluator.evaluateLabels { progress?.show(done: $0) }
        text = try self.text(of: LabelReport(result.evaluation, names: model.classNames), \.text)
        damaged = result.damaged
      } else {
        let result = try evaluator.evaluate { progress?.show(done: $0) }
        text = try self.text(
          of: EvaluationReport(result.evaluation, classNames: model.classNames), \.text)
        damaged = result.damaged
      }
      guard damaged.count < images.count else {
        throw TrainingError.noneReadable(path: data, count: damaged.count, damaged: damaged)
      }
      progress?.clear()
      Console.warn(damaged)
      failures += damaged
    } catch {
      throw RunError(evaluating: error)
    }
    StandardStream.output.write(text + "\n")
    if !failures.isEmpty { throw ExitStatus.partialFailure }
  }

  /// A report for people, or for programs.
  private func text<Report: Encodable>(
    of report: Report, _ table: (Report) -> String
  ) throws -> String {
    json ? try encodeJSON(object: report) : table(report)
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
