import Datasets
import FoundationEssentials

/// Everything that decides how a training goes; `config.json` of the run folder.
struct RunConfiguration {
  /// The format of configurations and checkpoints.
  static let format = 2

  /// What is compared before anything else is read.
  struct Head: Codable {
    var format: Int?
    var task: String?
  }

  /// What `config.json` holds; data and epochs are left out of the identity.
  private struct Contents: Encodable {
    var task: String
    var seed: UInt64
    var threads: Int?
    var settings: any Encodable
    var progress: Progress?

    private enum CodingKeys: String, CodingKey {
      case format, task, seed, threads, settings, data, epochs
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(RunConfiguration.format, forKey: .format)
      try container.encode(task, forKey: .task)
      try container.encode(seed, forKey: .seed)
      try container.encode(threads, forKey: .threads)
      try settings.encode(to: container.superEncoder(forKey: .settings))
      try container.encodeIfPresent(progress?.data, forKey: .data)
      try container.encodeIfPresent(progress?.epochs, forKey: .epochs)
    }
  }

  /// What may change while a training goes on.
  struct Progress: Codable {
    /// The data that is learned from and measured by.
    var data: [DataIdentity]
    /// The epochs of the last phase, and what they were raised to each time that the training was
    /// finished.
    var epochs: [Int]
  }

  private let contents: Contents
  var progress: Progress
  let task: String
  /// Everything that must be equal to go on, as JSON.
  let identity: String

  init(
    _ task: any LearningTask, _ settings: TrainingSettings, epochs: Int
  ) throws(TrainingError) {
    self.task = type(of: task).id
    progress = Progress(data: task.data, epochs: [epochs])
    contents = Contents(
      task: self.task, seed: settings.seed, threads: settings.threads,
      settings: task.configuration)
    identity = try Self.json(contents)
  }

  /// The text of `config.json`.
  func file() throws(TrainingError) -> String {
    var contents = contents
    contents.progress = progress
    return try Self.json(contents, [.prettyPrinted]) + "\n"
  }

  /// What differs from another configuration, as JSON; the words for data and epochs are their own.
  func differences(from other: Data) throws -> [ConfigurationDifference] {
    try ConfigurationDifference.between(other, Data(identity.utf8)).filter {
      !$0.key.hasPrefix("data") && !$0.key.hasPrefix("epochs")
    }
  }

  private static func json(
    _ contents: Contents, _ formatting: JSONEncoder.OutputFormatting = []
  ) throws(TrainingError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    do { return String(decoding: try encoder.encode(contents), as: UTF8.self) } catch {
      throw .options("the settings cannot be written as JSON: \(error)")
    }
  }
}
