import Glibc

/// What a classifier says of one picture: labels with their probabilities, the likeliest first.
public struct Classification: Sendable, Hashable {
  /// A label that a picture may have.
  public struct Candidate: Sendable, Hashable {
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
  public let candidates: [Candidate]

  /// The likeliest.
  public var best: Candidate { candidates[0] }

  /// The `count` likeliest classes by the softmax of the logits; of equals the first. All classes
  /// where there are fewer.
  ///
  /// - Parameters:
  ///   - logits: one number a class.
  ///   - labels: the classes' names, as many.
  /// - Throws: ``TrainingError/network(_:)`` where a logit is no finite number.
  public init(
    logits: UnsafeBufferPointer<Float>, labels: [String], count: Int
  ) throws(TrainingError) {
    precondition(logits.count == labels.count && !labels.isEmpty && count > 0)
    guard logits.allSatisfy(\.isFinite) else {
      throw .network("the network's answer is not a number; its weights may be damaged")
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
    candidates = best.map { index in
      Candidate(
        index: index, label: labels[index],
        probability: exp(Double(logits[index]) - largest) / sum)
    }
  }
}
