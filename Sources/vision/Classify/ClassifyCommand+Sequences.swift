import Datasets
import Engine
import Files
import Inference
import ModelFiles
import Tensors

extension ClassifyCommand {
  /// Classifies texts, series or clips: files, directories of `.txt` files or of frames, or a text on
  /// standard input.
  func classify(_ model: SequenceClassifier, _ options: PlanOptions) throws {
    guard sheet == nil else {
      throw RunError.usage(
        "--sheet: the model takes \(model.preprocessing.plural), which are not drawn")
    }
    var hasFailures = false
    var found: [SequenceInput] = []
    for input in inputs {
      do throws(UnreadableExample) {
        found += try SequenceInput.read(input, model) { name, reason in
          hasFailures = true
          Console.error("\(name): \(reason)")
        }
      } catch {
        hasFailures = true
        Console.error("\(input): \(error.reason)")
      }
    }
    guard !found.isEmpty else { throw ExitStatus.partialFailure }
    let results = try predictions(found, model, options)
    let format: ClassifyFormat =
      json
      ? .json
      : csv
        ? .csv
        : .table(
          pathWidth: found.map(\.name.columnWidth).max() ?? 0,
          answerWidth: model.classNames.map { printable($0).columnWidth }.max() ?? 0)
    let shown = top ?? 1
    if case .csv = format { StandardStream.output.write(ClassifyFormat.csvHeader(top: shown)) }
    let classified = zip(found, results).map { named, classification in
      ClassifiedImage(
        path: FilePath(argument: named.name), classification, threshold: threshold ?? 0,
        severalMayHold: false, showsAll: top != nil)
    }
    if json {
      StandardStream.output.write(try encodeJSON(classified) + "\n")
    } else {
      for result in classified {
        if let line = format.line(result, columns: shown) {
          StandardStream.output.write(line + "\n")
        }
      }
    }
    if hasFailures { throw ExitStatus.partialFailure }
  }

  private func predictions(
    _ found: [SequenceInput], _ model: SequenceClassifier, _ options: PlanOptions
  ) throws -> [Classification] {
    let examples = model.examples(
      LabeledExamples(
        classNames: model.classNames, labels: found.map { _ in 0 }, names: found.map(\.name),
        elements: found.map(\.sequence)))
    do {
      let predictor = try model.predictor(batchSize: min(32, found.count), options: options)
      let loader = Loader(examples, batchSize: predictor.batchSize)
      var results = [Classification?](repeating: nil, count: found.count)
      let classCount = predictor.classCount
      for _ in 0..<loader.batchCount {
        try loader.next { batch in
          let made = try predictor.logits(of: batch, steps: examples.usedSteps[batch.bucket]) {
            logits in
            batch.indices.indices.map { row in
              Result { () throws(InferenceError) in
                try Classification(
                  logits: logits.extracting(row * classCount..<(row + 1) * classCount),
                  labels: model.classNames, count: min(top ?? 1, classCount),
                  activation: predictor.activation)
              }
            }
          }
          for (index, result) in zip(batch.indices, made) { results[index] = try result.get() }
        }
      }
      return results.compactMap(\.self)
    } catch let error as InferenceError { throw RunError.aborted(advised(error)) }
  }
}
