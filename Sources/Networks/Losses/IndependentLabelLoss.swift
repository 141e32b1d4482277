import Graphs
import Tensors

/// The binary cross-entropy of labels that hold or not, each on its own, from logits: the mean over the batch
/// and the labels of
///
///     (1 − t)·x + (1 + (w − 1)·t)·softplus(−x)
///
/// which is −w·t·ln σ(x) − (1 − t)·ln(1 − σ(x)) for any x: PyTorch's `BCEWithLogitsLoss` with `pos_weight`
/// w.
public struct IndependentLabelLoss: Sendable, Hashable {
  /// How far targets are drawn toward ½: t becomes (1 − s)·t + s / 2, as in Keras.
  public var smoothing: Float
  /// What the part of a loss counts that wants a label to hold, one number a label; nil for 1.
  public var positiveWeights: [Float]?

  public init(smoothing: Float = 0, positiveWeights: [Float]? = nil) {
    self.smoothing = smoothing
    self.positiveWeights = positiveWeights
  }

  /// Weights with which each label counts as much where it holds as where it does not: the examples
  /// without it, divided by those with it.
  ///
  /// - Parameters:
  ///   - counts: examples with each label.
  ///   - total: all examples.
  public static func balancingWeights(counts: [Int], total: Int) -> [Float] {
    counts.map { count in
      let weight = Float(max(total - count, 0)) / Float(max(count, 1))
      return min(max(weight, 1 / largestWeight), largestWeight)
    }
  }

  /// With a larger one, a handful of examples would make most of a gradient.
  private static let largestWeight: Float = 100

  /// Adds the loss to the graph.
  ///
  /// - Parameters:
  ///   - logits: N × labels.
  ///   - targets: of the same shape, each 0…1.
  /// - Returns: a scalar.
  /// - Throws: where the shapes differ, or the weights are not one a label.
  public func callAsFunction(_ logits: Node, _ targets: Node) throws(NetworkError) -> Node {
    guard logits.shape == targets.shape, logits.shape.rank == 2 else {
      throw .training(
        "binary cross-entropy: expected targets of \(logits.shape), received \(targets.shape)")
    }
    let labelCount = logits.shape[1]
    guard positiveWeights.map({ $0.count == labelCount }) ?? true, (0..<1).contains(smoothing)
    else {
      throw .training(
        "binary cross-entropy: expected \(labelCount) weights and a smoothing of at least 0 and less "
          + "than 1")
    }
    do throws(GraphError) {
      let targets =
        smoothing > 0 ? try targets * (1 - smoothing) + smoothing / 2 : targets
      guard let positiveWeights else {
        return try (logits.map(.softplus) - logits * targets).mean()
      }
      let surplus = logits.graph.constant(
        Tensor([1, labelCount], positiveWeights.map { $0 - 1 }))
      let held = try (1 + targets * surplus) * (-logits).map(.softplus)
      return try ((1 - targets) * logits + held).mean()
    } catch { throw .training("binary cross-entropy: \(error.message)") }
  }
}
