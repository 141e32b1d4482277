import Datasets
import Graphs
import Networks
import Training

/// What a classifier's steps minimize.
enum ClassifierLoss {
  /// Of mutually exclusive classes.
  case exclusive(labelSmoothing: Float)
  /// Of labels that hold or not, each on its own.
  case independent(IndependentLabelLoss)

  /// Adds the loss to the graph: the mean over the batch.
  func callAsFunction(_ logits: Node, _ targets: Node) throws(NetworkError) -> Node {
    switch self {
    case .exclusive(let smoothing):
      try Loss.crossEntropy(labelSmoothing: smoothing)(logits, targets)
    case .independent(let loss): try loss(logits, targets)
    }
  }
}

extension StepBuilder {
  /// The loss of a network's logits, and what is reported of them as the network was before the step: the
  /// loss without label smoothing and weights and, of mutually exclusive classes, the accuracy.
  func classify(
    _ built: BuiltNetwork, _ loss: ClassifierLoss, minimize: (Node) throws(TrainingError) -> Void
  ) throws(TrainingError) {
    let targets = try input(ImageExamples.label)
    let (logits, minimized): (Node, Node)
    do throws(NetworkError) {
      logits = try built.classScores(labelCount: targets.shape[1]).logits
      minimized = try addingAuxiliaries(of: built, to: loss(logits, targets), targets, loss)
    } catch { throw TrainingError(wrapping: error) }
    try minimize(minimized)
    switch loss {
    case .exclusive: reportAccuracy(of: logits, targets)
    case .independent:
      do throws(NetworkError) {
        report("loss", try IndependentLabelLoss()(logits, targets))
      } catch { throw TrainingError(wrapping: error) }
    }
  }

  private func reportAccuracy(of logits: Node, _ targets: Node) {
    let classCount = targets.shape[1]
    report(["loss", "accuracy"], of: [logits, targets]) { values in
      var metrics = ClassifierMetrics(classCount: classCount)
      let labels = stride(from: 0, to: values[1].count, by: classCount).map { row in
        // Of mixed images the class that has the larger share.
        (row..<row + classCount).max { values[1][$0] < values[1][$1] }.map { $0 - row } ?? 0
      }
      metrics.record(logits: values[0], labels: labels)
      let evaluation = metrics.evaluation
      return [evaluation.loss, evaluation.accuracy]
    }
  }

  /// A loss with those of the network's auxiliary classifiers (Szegedy et al. 2014, arXiv 1409.4842,
  /// section 5).
  private func addingAuxiliaries(
    of built: BuiltNetwork, to own: Node, _ targets: Node, _ loss: ClassifierLoss
  ) throws(NetworkError) -> Node {
    var sum = own
    for auxiliary in built.auxiliaries {
      let part = try loss(auxiliary.logits, targets)
      do throws(GraphError) { sum = try sum + part * auxiliary.weight } catch {
        throw .training(error.message)
      }
    }
    return sum
  }
}
