import Datasets
import ModelFiles
import Networks
import Training

/// What is different where labels hold or not, each on its own.
extension ClassifierTask {
  /// The numbers of the log, of labels that hold each on its own without shares of right answers.
  public static func columns(isMultiLabel: Bool) -> [Column] {
    guard isMultiLabel else { return columns }
    return columns.filter { $0.chart != "Accuracy" } + [
      Column(
        "validation_map", title: "val. mAP", format: .percent, chart: "Mean average precision",
        series: "validation"),
      Column(
        "validation_micro_f1", title: "micro F1", format: .percent, chart: "F1", series: "micro"),
      Column(
        "validation_macro_f1", title: "macro F1", format: .percent, chart: "F1", series: "macro"),
    ]
  }

  /// What its steps minimize.
  var loss: ClassifierLoss {
    let recipe = settings.recipe
    guard images.training.isMultiLabel else {
      return .exclusive(labelSmoothing: recipe.labelSmoothing)
    }
    return .independent(
      IndependentLabelLoss(
        smoothing: recipe.labelSmoothing,
        positiveWeights: recipe.balancesClasses
          ? IndependentLabelLoss.balancingWeights(
            counts: images.training.classCounts, total: images.training.count) : nil))
  }

  /// Measures by images whose labels hold each on its own.
  func measureLabels(
    _ evaluator: ClassifierEvaluator, _ snapshot: Snapshot
  ) throws(TrainingError) -> Measures {
    let evaluation = try evaluator.evaluateLabels(interruption: snapshot.context.interruption) {
      snapshot.context.progress("validation", $0, evaluator.count)
    }.evaluation
    return Measures(
      [
        "validation_loss": evaluation.loss,
        "validation_map": evaluation.meanAveragePrecision,
        "validation_micro_f1": evaluation.microF1, "validation_macro_f1": evaluation.macroF1,
      ], details: evaluation)
  }
}

extension ModelCard {
  /// Says what was measured on validation images.
  mutating func setMetrics(_ evaluation: LabelEvaluation) {
    metrics = [
      "mean_average_precision": evaluation.meanAveragePrecision, "micro_f1": evaluation.microF1,
      "macro_f1": evaluation.macroF1, "loss": evaluation.loss,
    ]
    evaluatedOn = "\(evaluation.count) validation images"
  }
}
