import Inference

/// What `vision classify` tells of an image.
struct ClassifiedImage: Encodable {
  /// A label that the image may have.
  struct Candidate: Encodable {
    let label: String
    let probability: Double
  }

  let path: FilePath
  /// Nil where the best probability is below the threshold.
  let label: String?
  /// All labels whose probability is not below the threshold; nil where only one may hold.
  let labels: [String]?
  /// That of the likeliest class, whether it is given as label or not.
  let probability: Double
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
    let best = classification.best
    label = best.probability >= threshold ? best.label : nil
    probability = best.probability
    let held = classification.predictions.filter { $0.probability >= threshold }
    labels = severalMayHold ? held.map(\.label) : nil
    let shown =
      showsAll || !severalMayHold
      ? classification.predictions : held.isEmpty ? [best] : held
    top = shown.map {
      Candidate(label: $0.label, probability: sixDecimals($0.probability))
    }
  }

  private enum CodingKeys: CodingKey { case path, label, labels, probability, top }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path.exactText, forKey: .path)
    // `null`, not left out, where there is no label.
    try container.encode(label, forKey: .label)
    try container.encodeIfPresent(labels, forKey: .labels)
    try container.encode(sixDecimals(probability), forKey: .probability)
    try container.encode(top, forKey: .top)
  }
}
