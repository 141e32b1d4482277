import Engine
import FoundationEssentials
import Glibc
import ModelFiles
import Tensors

/// What a checkpoint says beside its tensors.
struct CheckpointRecord: Codable {
  var format: Int? = RunConfiguration.format
  var task: String?
  var configuration: String
  var state: TrainingState

  init(_ configuration: RunConfiguration, _ state: TrainingState) {
    task = configuration.task
    self.configuration = configuration.identity
    self.state = state
  }
}

extension RunFolder {
  private static let section = "variables"

  /// Replaces the checkpoint.
  func save(_ record: CheckpointRecord, _ values: TensorTable) throws(TrainingError) {
    do throws(ModelFileError) {
      let file = Checkpoint(
        sections: [Self.section: values], epoch: record.state.epoch, step: record.state.step,
        configuration: try JSONText.encode(record))
      try file.write(to: checkpoint)
    } catch { throw .file(path: checkpoint, problem: "\(error)") }
  }

  /// What a checkpoint of a task holds.
  struct Restored {
    var state: TrainingState
    var values: TensorTable
    fileprivate var configuration: String
  }

  /// What the training goes on from; nil where there is no checkpoint.
  func restored(_ configuration: RunConfiguration) throws(TrainingError) -> Restored? {
    try read(checkpoint, configuration.task)
  }

  /// Refuses what belongs to a training of another configuration.
  func require(
    _ restored: Restored, _ configuration: RunConfiguration
  ) throws(TrainingError) {
    let differences = try? configuration.differences(from: Data(restored.configuration.utf8))
    guard differences?.isEmpty == true else { throw unusableCheckpoint("belongs to another run") }
  }

  /// The beginning of the epoch under way; nil where it is the training's.
  func epochStart(_ configuration: RunConfiguration) throws(TrainingError) -> Restored? {
    if let kept = try read(epochStartPath, configuration.task) { return kept }
    let last = try restored(configuration)
    return last?.state.step == 0 ? last : nil
  }

  /// Where the checkpoint of an epoch's beginning lies while a later one is the last.
  private var epochStartPath: String { file("epoch.checkpoint") }

  /// Keeps the last checkpoint, which is of an epoch's end, while others are saved within the next one.
  ///
  /// A second name for the same file: at no moment is there none.
  func keepEpochStart() { link(checkpoint, epochStartPath) }

  /// The last checkpoint is of an epoch's end again.
  func forgetEpochStart() { unlink(epochStartPath) }

  private func read(_ path: String, _ task: String) throws(TrainingError) -> Restored? {
    guard contains(path) else { return nil }
    do {
      let file = try Checkpoint(path: path)
      try JSONText.decode(
        RunConfiguration.Head.self, from: file.configuration, called: "record"
      ).require(task, path: path)
      let record = try JSONText.decode(
        CheckpointRecord.self, from: file.configuration, called: "record")
      guard let values = file.sections[Self.section] else {
        throw TrainingError.checkpoint("belongs to another run")
      }
      return Restored(
        state: record.state, values: values, configuration: record.configuration)
    } catch {
      if case .checkpoint(let problem) = error as? TrainingError {
        throw unusableCheckpoint(problem)
      }
      throw error as? TrainingError ?? unusableCheckpoint("\(error)")
    }
  }

  func unusableCheckpoint(_ problem: String) -> TrainingError {
    .file(path: checkpoint, problem: "\(problem); delete it to start over")
  }
}
