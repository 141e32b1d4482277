import Graphs
import Networks
import Tensors

/// What a segmentation minimizes, over the pixels that have a class.
package struct PixelLoss {
  let objective: SegmentationSettings.Objective
  /// How much a pixel of each class counts.
  let classWeights: [Float]

  package init(_ objective: SegmentationSettings.Objective, classWeights: [Float]) {
    self.objective = objective
    self.classWeights = classWeights
  }

  /// Adds the loss to the graph.
  ///
  /// - Parameters:
  ///   - logits: N × K × H × W.
  ///   - mask: the same shape: 1 at a pixel's class, 0 for all classes where it has none.
  ///   - pixelWeights: how much each pixel counts in the cross-entropy, N × 1 × H × W; nil for all alike.
  /// - Returns: a scalar; 0 where no pixel has a class.
  package func callAsFunction(
    _ logits: Node, _ mask: Node, pixelWeights: Node? = nil
  ) throws(GraphError) -> Node {
    switch objective {
    case .crossEntropy:
      let weights = logits.graph.constant(Tensor([1, classWeights.count, 1, 1], classWeights))
      var targets = try mask * weights
      if let pixelWeights { targets = try targets * pixelWeights }
      return try logits.applying(SoftmaxCrossEntropy(), targets).sum() / (targets.sum() + 1e-6)
    case .dice:
      // A pixel without a class counts for none.
      let counted = try mask.sum(axes: [1], keepsAxes: true)
      let probabilities = try logits.applying(Softmax(axis: 1)) * counted
      let pixels = [0, 2, 3]
      let common = try (probabilities * mask).sum(axes: pixels)
      let both = try probabilities.sum(axes: pixels) + mask.sum(axes: pixels)
      return try 1 - ((common * 2 + 1) / (both + 1)).mean()
    }
  }
}
