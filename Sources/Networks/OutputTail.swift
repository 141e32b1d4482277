import Graphs
import Tensors

/// What a network's output is along its classes, found on the way back from it.
///
/// A softmax or sigmoid need not be the last operation: layers that reshape, cast, clip or average stand
/// behind it in networks from elsewhere, and some write it by hand.
struct OutputTail {
  /// What a value is along the axis of classes.
  enum Kind {
    /// Nothing is known.
    case scores
    /// In proportion to probabilities; `logits` are what a softmax made exactly these of.
    case distribution(logits: Node?)
    case partOfDistribution
    /// The logarithm of a distribution, or that of a part of one.
    case logDistribution(logits: Node?)
    case logPart
    /// A probability each, times a weight; `logits` are what a sigmoid made exactly these of.
    case sigmoid(logits: Node?, weight: Double = 1)
    /// 1 less a probability each.
    case complement(of: Node)
    /// Of length 1.
    case unitVector
  }

  let kind: Kind

  init(_ output: Node) {
    let extents = output.shape.dimensions
    let axis = extents.indices.dropFirst().first { extents[$0] > 1 } ?? min(1, extents.count - 1)
    var walk = TailWalk()
    kind = extents.isEmpty ? .scores : walk.kind(of: output, axis)
  }

  /// - Parameter count: how many numbers the output holds for one element.
  func meaning(ofCount count: Int) -> OutputMeaning {
    switch kind {
    case .scores: return .logits
    case .distribution: return count > 1 ? .probabilities : .logits
    // Of two classes the one that was kept.
    case .partOfDistribution: return count > 1 ? .someProbabilities : .binary
    case .logPart: return .someProbabilities
    case .logDistribution: return .logProbabilities
    case .sigmoid, .complement: return count > 1 ? .labels : .binary
    case .unitVector: return .features
    }
  }

  /// The numbers before the last softmax or sigmoid, or such as would have been: as many as the output.
  func logits(of output: Node) throws(GraphError) -> Node {
    // Nothing is lost of a probability above, and 0 has a logarithm.
    let least: Float = 1e-37
    switch kind {
    case .scores, .unitVector, .logPart, .logDistribution(logits: nil): return output
    case .distribution(let logits?), .logDistribution(let logits?), .sigmoid(let logits?, _):
      return logits
    case .partOfDistribution where output.shape.count > output.shape[0]:
      return try (output + least).map(.log)
    case .distribution: return try (output + least).map(.log)
    case .sigmoid, .complement, .partOfDistribution:
      var p = output
      if case .sigmoid(_, let weight) = kind, weight != 1 { p = try output / Float(weight) }
      return try (p + least).map(.log) - (1 - p + least).map(.log)
    }
  }

  /// The same without any operation more: the output itself where its logits are of another shape.
  func plainLogits(of output: Node) -> Node {
    switch kind {
    case .distribution(let logits?), .sigmoid(let logits?, _):
      return logits.shape == output.shape ? logits : output
    default: return output
    }
  }

  /// The activation that made the output last; linear where there was none.
  var activation: Activation {
    switch kind {
    case .distribution(_?): .softmax
    case .sigmoid(_?, _): .sigmoid
    default: .linear
    }
  }
}

extension OutputTail.Kind {
  var isDistribution: Bool {
    if case .distribution = self { true } else { false }
  }

  /// Whether it is a probability each as it stands.
  var isSigmoid: Bool {
    switch self {
    case .sigmoid(_, weight: 1), .complement: true
    default: false
    }
  }
}
