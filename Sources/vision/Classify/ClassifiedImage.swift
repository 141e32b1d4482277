import Inference

/// What `vision classify` tells of an image.
struct ClassifiedImage: Encodable {
  /// A label that the image may have.
  struct Candidate: Encodable {
    let label: String
    let probability: Double
  }

  let path: FilePath
  let classification: Classification
  let answer: Answer
  /// All labels whose probability is not below the threshold; nil where only one may hold.
  let labels: [String]?
  /// The likeliest first.
  let top: [Candidate]

  /// - Parameters:
  ///   - severalMayHold: whether labels hold or not, each on its own.
  ///   - showsAll: whether those that do not hold are shown, too.
  init(
    path: FilePath, _ classification: Classification, threshold: Double, severalMayHold: Bool,
    showsAll: Bool
  ) {
    self.path = path
    self.classification = classification
    answer = classification.answer(threshold: threshold)
    let held = classification.predictions.filter { $0.probability >= threshold }
    labels = severalMayHold ? held.map(\.label) : nil
    let shown =
      showsAll || !severalMayHold
      ? classification.predictions : held.isEmpty ? [classification.best] : held
    top = shown.map {
      Candidate(label: $0.label, probability: sixDecimals($0.probability))
    }
  }

  /// Labels beside the answer, for people: all but the one that is the answer.
  var others: ArraySlice<Candidate> {
    if case .label = answer {
      top.dropFirst()
    } else {
      top.count > 1 || !answer.isUnknown ? top[...] : []
    }
  }

  private enum CodingKeys: String, CodingKey {
    case path, label, labels, probability, group, answer, top
    case groupProbability = "group_probability"
    case answerProbability = "answer_probability"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path.exactText, forKey: .path)
    try container.encode(classification.best.label, forKey: .label)
    try container.encode(sixDecimals(classification.best.probability), forKey: .probability)
    try container.encodeIfPresent(labels, forKey: .labels)
    if let group = classification.group {
      try container.encode(group.label, forKey: .group)
      try container.encode(sixDecimals(group.probability), forKey: .groupProbability)
    }
    try container.encode(answer.name, forKey: .answer)
    try container.encode(sixDecimals(answer.probability), forKey: .answerProbability)
    try container.encode(top, forKey: .top)
  }
}
