/// What a classifier answers for an image: a label, a group of labels where none of them is likely enough by
/// itself, or that it does not know.
public enum Answer: Sendable, Hashable {
  case label(Classification.Prediction)
  case group(Classification.Prediction)
  /// With the most likely group, or the most likely label where labels have no groups.
  case unknown(Classification.Prediction)

  /// A label that makes a group's answer unnecessary has at least this probability.
  public static let certainLabel = 0.5
  /// The class of images that show nothing of the other classes: to answer it is to know no answer.
  public static let background = "background"
  /// The name of the answer that is none.
  public static let unknownName = "unknown"

  public var name: String {
    switch self {
    case .label(let prediction), .group(let prediction): prediction.label
    case .unknown: Self.unknownName
    }
  }

  /// The probability of the label or group.
  public var probability: Double {
    switch self {
    case .label(let prediction), .group(let prediction), .unknown(let prediction):
      prediction.probability
    }
  }

  public var isUnknown: Bool { if case .unknown = self { true } else { false } }
}

extension Classification {
  /// The answer.
  ///
  /// The most likely label, where its probability is at least `threshold` and, in a classifier with groups,
  /// at least a half; otherwise the most likely group, where it reaches the threshold. What shows only
  /// ``Answer/background`` is unknown, too, unless the threshold is 0.
  public func answer(threshold: Double) -> Answer {
    guard let group else {
      return best.probability >= threshold && !isBackground(best, threshold)
        ? .label(best) : .unknown(best)
    }
    if best.probability >= max(threshold, Answer.certainLabel) {
      return isBackground(best, threshold) ? .unknown(group) : .label(best)
    }
    return group.probability >= threshold && !isBackground(group, threshold)
      ? .group(group) : .unknown(group)
  }

  private func isBackground(_ prediction: Prediction, _ threshold: Double) -> Bool {
    threshold > 0 && prediction.label == Answer.background
  }
}
