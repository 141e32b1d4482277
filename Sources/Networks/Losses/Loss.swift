import Graphs
import Tensors

/// How far a network's output is from its target: one number, the mean over the batch.
///
/// Outputs and targets have the same shape, the batch on axis 0. Classes are rows of
/// probabilities, N × K (one-hot, or softer).
public enum Loss: Hashable, Sendable, Codable {
  /// The mean over all elements of (y − t)².
  case meanSquaredError
  /// ½ Σ (y − t)² over an element, as back-propagation is usually derived.
  case halfSquaredError
  /// Binary cross-entropy of probabilities y in 0…1: the mean of −t·ln y − (1 − t)·ln(1 − y).
  /// Probabilities are kept 1e-7 away from 0 and 1, as Keras does.
  case binaryCrossEntropy
  /// Binary cross-entropy of logits x: the mean of softplus(x) − x·t, exact for any x.
  case binaryCrossEntropyFromLogits
  /// Categorical cross-entropy of logits: the mean of −Σ t′·ln softmax(x), where t′ =
  /// (1 − labelSmoothing)·t + labelSmoothing / K (Szegedy et al. 2015, arXiv 1512.00567 §7).
  case crossEntropy(labelSmoothing: Float = 0)
  /// The mean of max(0, 1 − y·s), where the sign s is 2t − 1 for targets t of 0 or 1.
  case hinge

  /// Adds the loss to the graph.
  ///
  /// - Parameters:
  ///   - output: what the network made; logits where the loss says so.
  ///   - target: what it should have made, of the same shape.
  /// - Returns: a scalar.
  /// - Throws: where the shapes differ or the loss cannot take them.
  public func callAsFunction(_ output: Node, _ target: Node) throws(NetworkError) -> Node {
    guard output.shape == target.shape, output.shape.rank >= 1 else {
      throw .training("\(self): expected a target of \(output.shape), received \(target.shape)")
    }
    do { return try value(output, target) } catch { throw .training("\(self): \(error.message)") }
  }

  private func value(_ output: Node, _ target: Node) throws(GraphError) -> Node {
    switch self {
    case .meanSquaredError:
      return try (output - target).map(.square).mean()
    case .halfSquaredError:
      return try (output - target).map(.square).sum() * (0.5 / Float(output.shape[0]))
    case .binaryCrossEntropy:
      let y = try output.map(.clip(minimum: 1e-7, maximum: 1 - 1e-7))
      let hit = try target * y.map(.log)
      let miss = try (1 - target) * (1 - y).map(.log)
      return try -(hit + miss).mean()
    case .binaryCrossEntropyFromLogits:
      return try (output.map(.softplus) - output * target).mean()
    case .crossEntropy(let smoothing):
      guard smoothing >= 0, smoothing < 1 else {
        throw GraphError(
          operation: "Loss",
          message: "label smoothing \(smoothing): must be at least 0 and less than 1")
      }
      var target = target
      if smoothing > 0, target.shape.rank == 2 {
        target = try target * (1 - smoothing) + smoothing / Float(target.shape[1])
      }
      return try output.applying(SoftmaxCrossEntropy(), target).mean()
    case .hinge:
      let sign = try target * 2 - 1
      return try (1 - output * sign).map(.relu).mean()
    }
  }
}
