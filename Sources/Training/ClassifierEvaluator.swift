import Datasets
import Inference
import ModelFiles
import Tensors

/// Asks a classifier about labelled pictures and counts how often it is right.
public struct ClassifierEvaluator {
  private let predictor: Predictor
  private let pictures: Dataset
  private let form: Preprocessing

  /// A picture that the classifier took for something else.
  public struct Mistake: Sendable {
    /// The picture's place in the data.
    public var index: Int
    /// The class that it is of.
    public var label: Int
    /// What the classifier said.
    public var prediction: ClassifierMetrics.Prediction
  }

  /// What an evaluation found.
  public struct Result: Sendable {
    public var evaluation: Evaluation
    /// The pictures that were taken for another class, in the data's order.
    public var mistakes: [Mistake] = []
    /// Pictures that could not be read and do not count.
    public var damaged: [DatasetWarning] = []
  }

  /// - Parameters:
  ///   - predictor: the classifier.
  ///   - pictures: at least one, with the classifier's classes.
  ///   - form: what the pictures become before the network sees them.
  public init(predictor: Predictor, pictures: Dataset, form: Preprocessing) {
    self.predictor = predictor
    self.pictures = pictures
    self.form = form
  }

  /// Pictures that an evaluation sees.
  public var count: Int { pictures.count }

  /// Evaluates all pictures, the last batch being as small as it is.
  ///
  /// - Parameter progress: is told how many pictures were seen.
  /// - Returns: nil when a stop was asked for.
  public func evaluate(
    progress: (Int) -> Void = { _ in }
  ) throws(TrainingError) -> Result? {
    let loader = Loader(pictures, form: form, batchSize: predictor.batchSize)
    let classCount = predictor.classCount
    var metrics = ClassifierMetrics(classCount: classCount)
    var mistakes: [Mistake] = []
    for number in 0..<loader.batchCount {
      if Interrupt.isRequested { return nil }
      do throws(InferenceError) {
        try predictor.logits {
          loader.next(into: $0)
        } _: { batch, logits in
          for (row, label) in batch.labels.enumerated() {
            let own = logits.extracting(row * classCount..<(row + 1) * classCount)
            let prediction = metrics.record(logits: own, label: label)
            if prediction.label != label {
              mistakes.append(
                Mistake(index: batch.indices[row], label: label, prediction: prediction))
            }
          }
        }
      } catch { throw TrainingError(wrapping: error) }
      progress(min((number + 1) * predictor.batchSize, count))
    }
    return Result(
      evaluation: metrics.evaluation, mistakes: mistakes, damaged: loader.takeDamaged())
  }
}
