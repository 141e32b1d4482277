import Classification
import Datasets
import Engine
import Inference
import Training

extension EvaluateCommand {
  /// Evaluates a classifier of texts, series or clips.
  func evaluate(_ model: SequenceClassifier, _ options: PlanOptions) throws {
    var progress: Progress?
    defer { progress?.clear() }
    let evaluation: Evaluation
    var warnings: [DatasetWarning]
    do {
      guard let splits = try SequenceSplits(path: data) else {
        throw RunError.aborted(
          "\(data): the model takes \(model.preprocessing.plural); expected data laid out as for 'vision train'"
        )
      }
      warnings = splits.warnings
      Console.warn(warnings)
      let content = try splits.evaluation.relabeled(as: model.classNames, path: data)
      let examples = model.examples(
        try model.sequences(of: content) { warning in
          Console.warn([warning])
          warnings.append(warning)
        })
      let evaluator = SequenceEvaluator(
        predictor: try model.predictor(
          batchSize: min(batch, examples.count), options: options), examples: examples)
      progress = Progress(total: examples.count)
      evaluation = try evaluator.evaluate { progress?.show(done: $0) }
    } catch {
      throw RunError(evaluating: error)
    }
    progress?.clear()
    let report = EvaluationReport(
      evaluation, classNames: model.classNames,
      noun: model.preprocessing.plural)
    StandardStream.output.write((json ? try encodeJSON(object: report) : report.text) + "\n")
    if warnings.contains(where: \.isFailure) { throw ExitStatus.partialFailure }
  }
}
