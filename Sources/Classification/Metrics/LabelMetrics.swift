import Glibc

/// What is counted while a classifier sees examples with labels that hold or not, each on its own.
public struct LabelMetrics: Sendable {
  /// By label, the logit of each example.
  private var scores: [[Float]]
  /// By label, whether it holds of each example.
  private var holds: [[Bool]]
  private var count = 0
  private var lossSum = 0.0

  public init(labelCount: Int) {
    scores = Array(repeating: [], count: labelCount)
    holds = scores.map { _ in [] }
  }

  /// Counts one example.
  ///
  /// - Parameters:
  ///   - logits: one number a label; a label is predicted from 0 on, a probability of ½.
  ///   - labels: those that hold.
  public mutating func record(logits: UnsafeBufferPointer<Float>, labels: [Int]) {
    precondition(logits.count == scores.count, "a logit for each label")
    for label in scores.indices {
      let holds = labels.contains(label)
      let logit = Double(logits[label])
      scores[label].append(logits[label])
      self.holds[label].append(holds)
      // softplus(x) − t·x, without a power that overflows.
      lossSum += max(logit, 0) + log1p(exp(-abs(logit))) - (holds ? logit : 0)
    }
    count += 1
  }

  /// What was counted so far as a report.
  public var evaluation: LabelEvaluation {
    let labels = scores.indices.map { label -> LabelEvaluation.Label in
      var result = LabelEvaluation.Label()
      for (score, holds) in zip(scores[label], holds[label]) {
        switch (holds, score >= 0) {
        case (true, true): result.truePositives += 1
        case (true, false): result.falseNegatives += 1
        case (false, true): result.falsePositives += 1
        case (false, false): break
        }
      }
      result.averagePrecision = averagePrecision(scores: scores[label], holds: holds[label])
      return result
    }
    return LabelEvaluation(
      count: count, loss: count > 0 ? lossSum / Double(count * max(labels.count, 1)) : 0,
      labels: labels)
  }
}

/// How well a classifier did on examples with labels that hold or not, each on its own.
public struct LabelEvaluation: Sendable, Hashable {
  /// How well one label was recognized, predicted where its probability is at least ½.
  public struct Label: Sendable, Hashable {
    /// Examples with the label that were predicted to have it.
    public var truePositives = 0
    /// Examples without it that were predicted to have it.
    public var falsePositives = 0
    /// Examples with it that were predicted not to have it.
    public var falseNegatives = 0
    /// How well its probability ranks the examples, whatever the threshold; nil where none has it.
    public var averagePrecision: Double?

    public init() {}

    /// Examples with the label.
    public var support: Int { truePositives + falseNegatives }
    /// Of the examples predicted to have it, the share that has; nil where none was.
    public var precision: Double? { share(truePositives, truePositives + falsePositives) }
    /// Of the examples with it, the share predicted so; nil where there is none.
    public var recall: Double? { share(truePositives, support) }
    /// The harmonic mean of both, 2 TP / (2 TP + FP + FN); nil where the label was neither there nor
    /// predicted.
    public var f1: Double? {
      share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives)
    }

    private func share(_ part: Int, _ whole: Int) -> Double? {
      whole == 0 ? nil : Double(part) / Double(whole)
    }
  }

  /// Examples seen.
  public var count: Int
  /// The mean binary cross-entropy of a label in nats, without smoothing or weights.
  public var loss: Double
  /// The labels in the order of the network's outputs.
  public var labels: [Label]

  /// The mean of the labels' average precisions, of those that hold of some example; 0 where none does.
  public var meanAveragePrecision: Double { mean(labels.compactMap(\.averagePrecision)) }
  /// The mean of the labels' F1, of those that were there or predicted; 0 where none was.
  public var macroF1: Double { mean(labels.compactMap(\.f1)) }
  /// The F1 of all decisions together.
  public var microF1: Double {
    var sum = Label()
    for label in labels {
      sum.truePositives += label.truePositives
      sum.falsePositives += label.falsePositives
      sum.falseNegatives += label.falseNegatives
    }
    return sum.f1 ?? 0
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
