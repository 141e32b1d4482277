import Datasets
import FoundationEssentials

extension RunFolder {
  /// Writes the configuration of a training that begins, or compares it with the one that is there.
  ///
  /// - Parameters:
  ///   - configuration: takes over the history of epochs where the training goes on.
  ///   - isDataMoved: whether the data may lie elsewhere than before.
  ///   - isFinished: whether the training with these epochs is finished, so that it may go on with more.
  /// - Returns: what is odd about going on.
  /// - Throws: ``TrainingError/otherConfiguration(folder:_:)`` where the folder was begun otherwise.
  func prepare(
    for configuration: inout RunConfiguration, isDataMoved: Bool, isFinished: ([Int]) -> Bool
  ) throws(TrainingError) -> [String] {
    guard contains(self.configuration) else {
      guard !contains(checkpoint) else {
        throw .file(
          path: path, problem: "holds a checkpoint without config.json; use another folder")
      }
      try write(Array(configuration.file().utf8), to: self.configuration)
      return []
    }
    let (stored, progress) = try storedConfiguration(for: configuration)
    var differences: [ConfigurationDifference]
    do { differences = try configuration.differences(from: stored) } catch {
      throw unreadableConfiguration
    }
    let (before, wanted) = (progress.epochs.last ?? 0, configuration.progress.epochs.last ?? 0)
    let goesOn = wanted > before && isFinished(progress.epochs)
    if wanted != before, !goesOn {
      differences.insert(
        ConfigurationDifference(key: "epochs", before: "\(before)", now: "\(wanted)"), at: 0)
    }
    guard differences.isEmpty else { throw .otherConfiguration(folder: path, differences) }
    let warnings = try compare(configuration.progress.data, with: progress.data, isDataMoved)
    configuration.progress = progress
    if goesOn {
      configuration.progress.epochs.append(wanted)
      try write(Array(configuration.file().utf8), to: self.configuration)
    }
    return warnings
  }

  /// What the training in the folder was begun with; nil where there is none.
  ///
  /// - Parameter settings: what is wanted of the task's own settings.
  /// - Returns: that, and the epochs that the training was last given.
  public func begun<Settings: Decodable>(
    with settings: Settings.Type
  ) throws(TrainingError) -> (settings: Settings, epochs: Int)? {
    guard contains(configuration) else { return nil }
    do {
      let bytes = try Data(contentsOf: URL(filePath: configuration))
      let stored = try JSONDecoder().decode(Begun<Settings>.self, from: bytes)
      return stored.epochs.last.map { (stored.settings, $0) }
    } catch { throw unreadableConfiguration }
  }

  private func storedConfiguration(
    for configuration: RunConfiguration
  ) throws(TrainingError) -> (Data, RunConfiguration.Progress) {
    do {
      let stored = try Data(contentsOf: URL(filePath: self.configuration))
      let head = try JSONDecoder().decode(RunConfiguration.Head.self, from: stored)
      try head.require(configuration.task, path: path)
      return (stored, try JSONDecoder().decode(RunConfiguration.Progress.self, from: stored))
    } catch {
      throw error as? TrainingError ?? unreadableConfiguration
    }
  }

  private var unreadableConfiguration: TrainingError {
    .file(path: configuration, problem: "is not readable as JSON; use another folder")
  }

  /// Refuses data that lies elsewhere, unless it was moved; warns of data that has changed.
  private func compare(
    _ data: [DataIdentity], with before: [DataIdentity], _ isMoved: Bool
  ) throws(TrainingError) -> [String] {
    guard data.count == before.count else {
      throw .otherConfiguration(
        folder: path,
        [
          ConfigurationDifference(
            key: "data", before: before.map(\.path).joined(separator: ", "),
            now: data.map(\.path).joined(separator: ", "))
        ])
    }
    var warnings: [String] = []
    for (now, then) in zip(data, before) {
      guard isMoved || now.isSamePlace(as: then) else {
        throw .dataMoved(folder: path, before: then.path, now: now.path)
      }
      if now.fingerprint != then.fingerprint {
        warnings.append(
          "\(now.path): names or sizes of files have changed since the training began")
      }
    }
    return warnings
  }
}

extension RunConfiguration.Head {
  /// Refuses what was written by another task or in another format.
  func require(_ task: String, path: String) throws(TrainingError) {
    guard let format, let other = self.task, format == RunConfiguration.format else {
      throw .file(
        path: path, problem: "was written by another version of this program; use another folder")
    }
    guard other == task else { throw .otherTask(path: path, task: other, expected: task) }
  }
}

/// What ``RunFolder/begun(with:)`` reads.
private struct Begun<Settings: Decodable>: Decodable {
  var settings: Settings
  var epochs: [Int]
}
