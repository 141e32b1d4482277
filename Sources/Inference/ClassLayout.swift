import Networks
import Tensors

/// How many classes or labels a network tells apart, and what its numbers mean.
public struct ClassLayout: Sendable, Hashable {
  public let count: Int
  /// What makes probabilities of the logits.
  public let activation: ClassActivation
  /// What the network itself makes.
  public let meaning: OutputMeaning

  init(_ scores: ClassScores) {
    count = scores.classCount
    activation = scores.activation
    meaning = scores.meaning
  }
}

/// Weights that hold numbers which are not finite.
public struct NonFiniteWeights: Sendable, Equatable {
  /// The weights' names, in the network's order.
  public private(set) var names: [String] = []
  /// Whether one of them holds what is no number at all, so that no output is to be trusted. An infinite
  /// number may be meant: a mask.
  public private(set) var holdsNaN = false

  /// "conv1.weight and 2 more".
  public var list: String {
    let shown = names.prefix(3).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
  }

  /// Notes a weight where it holds such a number.
  mutating func look(at weight: LazyTensor, called name: String) {
    var (isFinite, isNumber) = (true, true)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: min(weight.count, 1 << 14)) { part in
      guard let start = part.baseAddress else { return }
      for first in stride(from: 0, to: weight.count, by: part.count) {
        let elements = first..<min(first + part.count, weight.count)
        weight.read(elements, into: start)
        // The largest of all bits without the sign: the exponent of infinity, or beyond it.
        var largest: UInt32 = 0
        for index in 0..<elements.count {
          largest = max(largest, start[index].bitPattern & 0x7FFF_FFFF)
        }
        if largest >= 0x7F80_0000 { isFinite = false }
        if largest > 0x7F80_0000 { isNumber = false }
      }
    }
    if !isFinite { names.append(name) }
    if !isNumber { holdsNaN = true }
  }

  /// - Throws: where an output of the network would be no number.
  func requireNumbers() throws(InferenceError) {
    if holdsNaN {
      throw .network("the model is damaged: its weights \(list) hold what is not a number")
    }
  }
}
