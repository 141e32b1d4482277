import Glibc
import ModelFiles
import Networks

/// What a classifier says of one image: labels with their probabilities, the most probable first.
public struct Classification: Sendable, Hashable {
  /// A label that an image may have.
  public struct Prediction: Sendable, Hashable {
    /// The place of the class among the classifier's outputs.
    public var index: Int
    public var label: String
    /// 0…1; of mutually exclusive classes all sum to 1.
    public var probability: Double

    public init(index: Int, label: String, probability: Double) {
      self.index = index
      self.label = label
      self.probability = probability
    }
  }

  /// At least one.
  public let predictions: [Prediction]
  /// The most likely group of labels, its probability the sum of theirs; nil where labels have no groups.
  public let group: Prediction?

  /// The most probable.
  public var best: Prediction { predictions[0] }

  static let notANumber = InferenceError.network(
    "the network's answer is not a number; its weights are damaged")

  /// The `count` most probable classes; of equals the first. All classes where there are fewer.
  ///
  /// - Parameters:
  ///   - logits: one number per class.
  ///   - labels: the classes' names, as many.
  ///   - groups: of the labels; nil for none. Only mutually exclusive classes have any.
  ///   - activation: what makes probabilities of the logits.
  /// - Throws: ``InferenceError/network(_:)`` where a logit is no finite number;
  ///   ``InferenceError/invalid(_:)`` where there are not as many labels, or none is asked for.
  public init(
    logits: UnsafeBufferPointer<Float>, labels: [String], count: Int,
    groups: LabelGroups? = nil, activation: ClassActivation = .softmax
  ) throws(InferenceError) {
    guard logits.count == labels.count, !labels.isEmpty, count > 0 else {
      throw .invalid("\(count) of \(labels.count) labels for \(logits.count) logits")
    }
    guard logits.allSatisfy(\.isFinite) else { throw Self.notANumber }
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
    let sum =
      activation == .softmax ? logits.reduce(0.0) { $0 + exp(Double($1) - largest) } : 1
    func probability(_ index: Int) -> Double {
      let logit = Double(logits[index])
      return switch activation {
      case .softmax: exp(logit - largest) / sum
      case .sigmoid: 1 / (1 + exp(-logit))
      case .exp: min(exp(logit), 1)
      }
    }
    predictions = best.map {
      Prediction(index: $0, label: labels[$0], probability: probability($0))
    }
    group = groups.map { groups in
      let place = groups.mostLikely(probability)
      return Prediction(
        index: place.index, label: groups.names[place.index], probability: place.probability)
    }
  }
}

extension LabelGroups {
  /// The group whose labels' probabilities have the largest sum (the first of equals), and that sum.
  package func mostLikely(
    _ probability: (_ label: Int) -> Double
  ) -> (index: Int, probability: Double) {
    var sums = Array(repeating: 0.0, count: names.count)
    for (label, group) in groupOfLabel.enumerated() { sums[group] += probability(label) }
    var best = 0
    for group in sums.indices where sums[group] > sums[best] { best = group }
    return (best, min(sums[best], 1))
  }
}
