import Glibc
import Inference
import ModelFiles
import Networks
import Training

/// What is counted while a classifier sees labeled images.
public struct ClassifierMetrics: Sendable {
  /// Which class was taken for which.
  public private(set) var confusion: ConfusionCounts
  private var lossSum = 0.0
  private var amongTopFive = 0
  private var calibration = Calibration()

  /// nil where labels have no groups.
  private let groups: LabelGroups?
  private var rightGroups = 0

  private var classCount: Int { confusion.classCount }

  public init(classCount: Int, groups: LabelGroups? = nil) {
    confusion = ConfusionCounts(classCount: classCount)
    self.groups = groups
  }

  /// What a network said of one image.
  public struct Prediction: Sendable, Hashable {
    /// The class with the largest logit (the first of equals).
    public var label: Int
    /// The probability of that class.
    public var probability: Double
    /// `−ln p(true class)`.
    public var loss: Double
  }

  /// Counts one image.
  ///
  /// - Parameters:
  ///   - logits: one number a class.
  ///   - label: the true class.
  ///   - activation: what makes probabilities of the logits.
  /// - Returns: the prediction, for lists of mistakes.
  @discardableResult
  public mutating func record(
    logits: UnsafeBufferPointer<Float>, label: Int, activation: ClassActivation = .softmax
  ) -> Prediction {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    let own = logits[label]
    let (largest, given) = (Double(logits[best]), Double(own))
    let (probability, loss): (Double, Double)
    switch activation {
    case .softmax:
      var sum = 0.0
      for logit in logits { sum += exp(Double(logit) - largest) }
      (probability, loss) = (1 / sum, log(sum) + largest - given)
    case .sigmoid:
      // −ln σ(z) = ln(1 + e⁻ᶻ), without a power that overflows.
      (probability, loss) = (1 / (1 + exp(-largest)), log1p(exp(-abs(given))) + max(-given, 0))
    case .exp: (probability, loss) = (min(exp(largest), 1), -given)
    }
    // Equal logits of an earlier class count as better: ties never flatter the network.
    var better = 0
    for index in logits.indices where logits[index] > own || (logits[index] == own && index < label)
    {
      better += 1
    }
    if let groups {
      let group = groups.mostLikely { exp(Double(logits[$0]) - largest) }.index
      rightGroups += group == groups.groupOfLabel[label] ? 1 : 0
    }
    confusion.record(label: label, prediction: best)
    lossSum += loss
    amongTopFive += better < 5 && own.isFinite ? 1 : 0
    calibration.record(confidence: probability, isCorrect: best == label)
    return Prediction(label: best, probability: probability, loss: loss)
  }

  /// Counts the images of a batch: `labels.count` rows of logits.
  public mutating func record(logits: UnsafeBufferPointer<Float>, labels: [Int]) {
    for (row, label) in labels.enumerated() {
      record(logits: logits.extracting(row * classCount..<(row + 1) * classCount), label: label)
    }
  }

  /// The sums so far as a report.
  public var evaluation: Evaluation {
    let total = confusion.total
    return Evaluation(
      count: total,
      accuracy: confusion.accuracy,
      topFiveAccuracy: confusion.classCount > 5 && total > 0
        ? Double(amongTopFive) / Double(total) : nil,
      groupAccuracy: groups.map { _ in total > 0 ? Double(rightGroups) / Double(total) : 0 },
      loss: total > 0 ? lossSum / Double(total) : 0,
      calibrationError: calibration.expectedError,
      confusion: confusion)
  }
}
