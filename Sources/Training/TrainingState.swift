/// Where a training stands: with the variables, all that it needs to go on.
struct TrainingState: Sendable, Hashable, Codable {
  /// Complete epochs.
  var epoch = 0
  /// Steps done of the epoch that is not complete.
  var step = 0
  /// Sum over the pictures of these steps.
  var lossSum = 0.0
  /// Pictures of these steps that were predicted right.
  var correct = 0
  /// Images that were seen when the weights were last taken into their average.
  var averagedImages = 0
  /// The epoch with the best validation accuracy, from 1; 0 before the first, and where the head
  /// alone was trained.
  var bestEpoch = 0
  /// The accuracy and loss it had.
  var bestAccuracy = 0.0
  var bestLoss = 0.0
  /// One row for each complete epoch.
  var log = RunLog(columns: [
    "epoch", "step", "learning_rate", "loss", "accuracy", "validation_loss", "validation_accuracy",
  ])

  /// Whether there was an evaluation. No loss is exactly 0.
  var hasBest: Bool { bestEpoch > 0 || bestLoss != 0 }

  /// Whether an evaluation beats the best so far: by accuracy, then by loss.
  func isBetter(accuracy: Double, loss: Double) -> Bool {
    !hasBest || (accuracy, -loss) > (bestAccuracy, -bestLoss)
  }
}
