import Glibc

/// What a classifier says of one image: labels with their probabilities, the most probable first.
public struct Classification: Sendable, Hashable {
  /// A label that an image may have.
  public struct Prediction: Sendable, Hashable {
    /// The place of the class among the classifier's outputs.
    public var index: Int
    public var label: String
    /// The softmax probability, 0…1.
    public var probability: Double

    public init(index: Int, label: String, probability: Double) {
      self.index = index
      self.label = label
      self.probability = probability
    }
  }

  /// At least one.
  public let predictions: [Prediction]

  /// The most probable.
  public var best: Prediction { predictions[0] }

  /// The `count` most probable classes by the softmax of the logits; of equals the first. All classes
  /// where there are fewer.
  ///
  /// - Parameters:
  ///   - logits: one number per class.
  ///   - labels: the classes' names, as many.
  /// - Throws: ``InferenceError/network(_:)`` where a logit is no finite number.
  public init(
    logits: UnsafeBufferPointer<Float>, labels: [String], count: Int
  ) throws(InferenceError) {
    precondition(logits.count == labels.count && !labels.isEmpty && count > 0)
    guard logits.allSatisfy(\.isFinite) else {
      throw .network("the network's output is not a finite number; its weights may be damaged")
    }
    var best: [Int] = []
    for (index, logit) in logits.enumerated() {
      if best.count == count {
        guard logit > logits[best[count - 1]] else { continue }
        best.removeLast()
      }
      let place = best.firstIndex { logits[$0] < logit } ?? best.endIndex
      best.insert(index, at: place)
    }
    let largest = Double(logits[best[0]])
    let sum = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
    predictions = best.map { index in
      Prediction(
        index: index, label: labels[index],
        probability: exp(Double(logits[index]) - largest) / sum)
    }
  }
}
