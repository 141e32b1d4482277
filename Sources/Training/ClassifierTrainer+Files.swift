import Engine
import FoundationEssentials
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
    var averages = TensorTable()
    for name in step.names { averages[name] = average?.values[name] }
    let record = CheckpointRecord(settings: settings, state: state)
    let checkpoint = Checkpoint(
      sections: ["variables": values, "averages": averages], epoch: state.epoch,
      step: completedSteps, configuration: try Self.json(record))
    do throws(ModelFileError) { try checkpoint.write(to: folder.checkpoint) } catch {
      throw .file(path: folder.checkpoint, problem: "\(error)")
    }
  }

  /// Goes on from the run folder's checkpoint.
  func restoreCheckpoint() throws(TrainingError) {
    func refused(_ problem: String) -> TrainingError {
      .file(path: folder.checkpoint, problem: "\(problem); delete it to begin anew")
    }
    let checkpoint: Checkpoint
    do throws(ModelFileError) { checkpoint = try Checkpoint(path: folder.checkpoint) } catch {
      throw refused("\(error)")
    }
    guard
      let record = try? JSONDecoder().decode(
        CheckpointRecord.self, from: Data(checkpoint.configuration.utf8)),
      record.settings == settings, let values = checkpoint.sections["variables"],
      let averages = checkpoint.sections["averages"]
    else { throw refused("is of another training") }
    guard values.names.sorted() == variables.names else {
      throw refused("holds other tensors than this network has")
    }
    for (name, tensor) in values {
      guard variables[name]?.shape == tensor.shape else {
        throw refused("\(name) is \(tensor.shape)")
      }
      variables[name] = tensor
    }
    state = record.state
    step.completedSteps = completedSteps
    guard let decay = average?.decay else { return }
    guard state.averageUpdates == 0 || averages.names.sorted() == step.names.sorted() else {
      throw refused("lacks averaged weights")
    }
    average = WeightAverage(
      decay: decay, updates: state.averageUpdates,
      values: Dictionary(uniqueKeysWithValues: averages.map { ($0.name, $0.tensor) }))
  }

  /// Writes the network as it is asked in validation, with its card.
  func saveBest(_ evaluation: Evaluation) throws(TrainingError) {
    var tensors = TensorTable()
    for name in step.names { tensors[name] = asked[name] }
    var card = card
    card.classNames = settings.data.classNames
    card.input = settings.input
    card.quality = ["accuracy": evaluation.accuracy, "loss": evaluation.loss]
    card.quality["top5"] = evaluation.topFiveAccuracy
    card.measuredOn = evaluation.count == 0 ? "" : "\(evaluation.count) validation images"
    card.confusion = evaluation.confusion.rows
    let file = ModelFile(
      tensors: tensors, architecture: try Self.json(network), card: card,
      otherMetadata: [ClassifierModel.mirrorsKey: "\(recipe.mirrorsWhenAsked)"])
    do throws(ModelFileError) { try file.write(to: folder.best, precision: storedPrecision) } catch
    {
      throw .file(path: folder.best, problem: "\(error)")
    }
  }

  private static func json(_ value: some Encodable) throws(TrainingError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
      throw .options("cannot be written as JSON: \(error)")
    }
  }
}
