import Datasets
import Inference
import ModelFiles
import Training

/// Evaluates a classifier on labeled images.
public struct ClassifierEvaluator {
  private let predictor: Predictor
  private let images: Dataset
  private let form: Preprocessing
  private let groups: LabelGroups?

  /// An image that the classifier took for something else.
  public struct Mistake: Sendable {
    /// The image's place in the data.
    public var index: Int
    /// The class that it is of.
    public var label: Int
    /// What the classifier said.
    public var prediction: ClassifierMetrics.Prediction
  }

  /// What an evaluation found.
  public struct Result: Sendable {
    public var evaluation: Evaluation
    /// The images that were taken for another class, in the data's order.
    public var mistakes: [Mistake] = []
    /// Images that could not be read and do not count.
    public var damaged: [DatasetWarning] = []
    /// The classes of the images that could be read, in the data's order.
    package var labels: [Int] = []
    /// What the network said of them, one number a class.
    package var logits: [Float] = []
  }

  /// - Parameters:
  ///   - predictor: the classifier.
  ///   - images: at least one, with the classifier's classes.
  ///   - form: what the images become before the network sees them.
  ///   - groups: of the classifier's labels; nil for none.
  public init(
    predictor: Predictor, images: Dataset, form: Preprocessing, groups: LabelGroups? = nil
  ) {
    self.groups = groups
    self.predictor = predictor
    self.images = images
    self.form = form
  }

  /// Images that an evaluation sees.
  public var count: Int { images.count }

  /// Evaluates all images, the last batch being as small as it is.
  ///
  /// - Parameter progress: is told how many images were seen.
  /// - Throws: ``TrainingError/interrupted`` where a stop was asked for.
  public func evaluate(
    interruption: Interruption = Interruption(), progress: (Int) -> Void = { _ in }
  ) throws(TrainingError) -> Result {
    var metrics = ClassifierMetrics(classCount: predictor.classCount, groups: groups)
    var mistakes: [Mistake] = []
    var (labels, values): ([Int], [Float]) = ([], [])
    let known = images.labels
    let damaged = try predict(interruption, progress) { index, logits in
      let label = known[index]
      labels.append(label)
      values += logits
      let prediction = metrics.record(
        logits: logits, label: label, activation: predictor.activation)
      if prediction.label != label {
        mistakes.append(Mistake(index: index, label: label, prediction: prediction))
      }
    }
    return Result(
      evaluation: metrics.evaluation, mistakes: mistakes, damaged: damaged, labels: labels,
      logits: values)
  }

  /// Evaluates all images where labels hold or not, each on its own.
  ///
  /// - Parameter progress: is told how many images were seen.
  /// - Returns: what was found, and the images that could not be read, which do not count.
  /// - Precondition: the images have sets of labels.
  /// - Throws: ``TrainingError/interrupted`` where a stop was asked for.
  public func evaluateLabels(
    interruption: Interruption = Interruption(), progress: (Int) -> Void = { _ in }
  ) throws(TrainingError) -> (evaluation: LabelEvaluation, damaged: [DatasetWarning]) {
    guard case .labelSets(let sets) = images.annotation else {
      preconditionFailure("images with sets of labels")
    }
    var metrics = LabelMetrics(labelCount: predictor.classCount)
    let damaged = try predict(interruption, progress) { index, logits in
      metrics.record(logits: logits, labels: sets[index])
    }
    return (metrics.evaluation, damaged)
  }

  /// Runs the network over all images.
  ///
  /// - Parameter body: gets the number and the logits of each image that can be read, in the data's order.
  /// - Returns: the images that cannot.
  private func predict(
    _ interruption: Interruption, _ progress: (Int) -> Void,
    _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws(TrainingError) -> [DatasetWarning] {
    let loader = Loader(ImageExamples(images, form: form), batchSize: predictor.batchSize)
    let classCount = predictor.classCount
    for number in 0..<loader.batchCount {
      try interruption.check()
      do throws(InferenceError) {
        try predictor.logits { input in
          loader.next { batch in
            batch.write(ImageExamples.image, to: input)
            return batch.indices
          }
        } _: { indices, logits in
          for (row, index) in indices.enumerated() {
            body(index, logits.extracting(row * classCount..<(row + 1) * classCount))
          }
        }
      } catch { throw TrainingError(wrapping: error) }
      progress(min((number + 1) * predictor.batchSize, count))
    }
    return loader.drainWarnings()
  }
}
