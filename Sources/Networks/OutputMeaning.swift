import Graphs
import Tensors

/// What the numbers mean that a network makes of one element, as the operations that make them tell.
public enum OutputMeaning: String, Sendable, Hashable, Codable {
  /// Any real numbers, one a class; a softmax makes probabilities of them.
  case logits
  /// Probabilities of mutually exclusive classes.
  case probabilities
  /// Logarithms of such.
  case logProbabilities
  /// Probabilities of some of the mutually exclusive classes: the others were cut off.
  case someProbabilities
  /// One probability: of the second of two classes.
  case binary
  /// Probabilities of labels that hold or not, each on its own.
  case labels
  /// A vector of length 1, which places an element among others and names no class.
  case features
}

/// How logits become probabilities.
public enum ClassActivation: String, Sendable, Hashable, Codable {
  /// Of mutually exclusive classes.
  case softmax
  /// Of labels that hold or not, each on its own.
  case sigmoid
  /// Of logarithms of probabilities, which are not to be brought to a sum of 1.
  case exp
}

/// A classifier's output in the form that all that reads it takes.
public struct ClassScores {
  /// N × classes.
  public let logits: Node
  /// What makes probabilities of them.
  public let activation: ClassActivation
  /// What the network itself makes.
  public let meaning: OutputMeaning

  /// How many classes or labels there are.
  public var classCount: Int { logits.shape[1] }

  /// N × classes.
  public func probabilities() throws(NetworkError) -> Node {
    do throws(GraphError) {
      switch activation {
      case .softmax: return try logits.applying(Softmax(axis: 1))
      case .sigmoid: return try logits.map(.sigmoid)
      case .exp: return try logits.map(.exp)
      }
    } catch { throw .network("\(error.message)") }
  }
}

extension BuiltNetwork {
  /// The probability of each class or label, N × classes.
  ///
  /// - Throws: where the output says nothing of classes.
  public func probabilities() throws(NetworkError) -> Node { try classScores().probabilities() }

  /// What the output says of classes.
  ///
  /// - Parameter labelCount: how many labels there are, where that is known. A single probability is that of
  ///   the one label, or of the second of two classes.
  /// - Throws: where it is something else: an image, a vector of features, a number.
  public func classScores(labelCount: Int? = nil) throws(NetworkError) -> ClassScores {
    let shape = output.shape
    let batch = shape.dimensions.first ?? 1
    guard shape.rank >= 2, shape.dimensions.dropFirst().count(where: { $0 > 1 }) <= 1 else {
      throw .network(
        "the network makes \(shape.channelsLast) of an element, which are not scores of classes")
    }
    let count = shape.count / batch
    var meaning = tail.meaning(ofCount: count)
    if meaning == .binary, labelCount == 1 { meaning = .labels }
    guard meaning != .features else {
      throw .network(
        "the network makes features, vectors of length 1, which are not scores of classes")
    }
    guard count > 1 || [.binary, .labels].contains(meaning) else {
      throw .network(
        "the network makes one number of an element and no probability, which does not tell "
          + "classes apart")
    }
    do throws(GraphError) {
      var logits = try tail.logits(of: output).reshaped(to: [batch, count])
      if meaning == .binary {
        // The softmax of −z/2 and z/2 is 1 − sigmoid z and sigmoid z.
        logits = try logits * logits.graph.constant(Tensor([1, 2], [-0.5, 0.5]))
      }
      let activation: ClassActivation =
        switch meaning {
        case .labels: .sigmoid
        case .someProbabilities: .exp
        default: .softmax
        }
      return ClassScores(logits: logits, activation: activation, meaning: meaning)
    } catch { throw .network("\(error.message)") }
  }
}
