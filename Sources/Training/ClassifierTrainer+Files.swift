import Engine
import Inference
import ModelFiles
import Networks
import Tensors

/// What a checkpoint says beside its tensors.
private struct CheckpointRecord: Codable {
  var settings: ClassifierSettings
  var state: TrainingState
}

extension ClassifierTrainer {
  /// Saves all that is needed to go on from this very step.
  func saveCheckpoint() throws(TrainingError) {
    var values = TensorTable()
    for name in variables.names { values[name] = variables[name] }
    try folder.saveCheckpoint(
      CheckpointRecord(settings: settings, state: state),
      sections: ["variables": values], epoch: state.epoch,
      step: completedSteps)
  }

  /// Goes on from the run folder's checkpoint.
  func restoreCheckpoint() throws(TrainingError) {
    let (record, sections) = try folder.readCheckpoint(CheckpointRecord.self)
    guard record.settings == settings, let values = sections["variables"] else {
      throw folder.unusableCheckpoint("is of another training")
    }
    try folder.restore(values, to: variables)
    state = record.state
    step.completedSteps = completedSteps
  }

  /// Writes the network as it is asked in validation, with its card.
  func saveBest(_ evaluation: Evaluation) throws(TrainingError) {
    var tensors = TensorTable()
    for name in step.names { tensors[name] = asked[name] }
    var card = card
    card.classNames = settings.data.classNames
    card.preprocessing = settings.input
    card.metrics = ["accuracy": evaluation.accuracy, "loss": evaluation.loss]
    card.metrics["top5"] = evaluation.topFiveAccuracy
    card.evaluatedOn = evaluation.count == 0 ? "" : "\(evaluation.count) validation images"
    card.confusion = evaluation.confusion.rows
    do {
      let file = ModelFile(
        tensors: tensors, architecture: try network.json(), card: card,
        otherMetadata: Classifier.metadata(usesFlipTTA: recipe.mirrorsWhenAsked))
      try file.write(to: folder.best, precision: storedPrecision)
    } catch {
      throw .file(path: folder.best, problem: "\(error)")
    }
  }
}
