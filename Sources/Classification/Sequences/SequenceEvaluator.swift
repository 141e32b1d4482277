import Datasets
import Inference
import Training

/// Measures a classifier of texts, series or clips on labeled ones.
public final class SequenceEvaluator {
  private let predictor: SequencePredictor
  private let examples: SequenceExamples

  /// - Parameters:
  ///   - examples: at least one, with the classifier's classes.
  public init(predictor: SequencePredictor, examples: SequenceExamples) {
    self.predictor = predictor
    self.examples = examples
  }

  /// Evaluates all examples.
  ///
  /// - Parameter progress: is told how many were seen.
  /// - Throws: ``TrainingError/interrupted`` where a stop was asked for.
  public func evaluate(
    interruption: Interruption = Interruption(), progress: (Int) -> Void = { _ in }
  ) throws(TrainingError) -> Evaluation {
    let loader = Loader(examples, batchSize: predictor.batchSize)
    let (classCount, activation) = (predictor.classCount, predictor.activation)
    var metrics = ClassifierMetrics(classCount: classCount)
    for number in 0..<loader.batchCount {
      try interruption.check()
      do throws(InferenceError) {
        try loader.next { (batch) throws(InferenceError) in
          try predictor.logits(of: batch, steps: examples.usedSteps[batch.bucket]) { logits in
            for (row, index) in batch.indices.enumerated() {
              metrics.record(
                logits: logits.extracting(row * classCount..<(row + 1) * classCount),
                label: examples.dataset.labels[index], activation: activation)
            }
          }
        }
      } catch { throw TrainingError(wrapping: error) }
      progress(min((number + 1) * predictor.batchSize, examples.count))
    }
    return metrics.evaluation
  }
}
