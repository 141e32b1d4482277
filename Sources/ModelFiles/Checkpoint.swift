import Tensors

/// Everything that a training run needs to go on as if it had never stopped: a safetensors file too.
///
/// Numbers are kept exactly: tensors as 32-bit floats, all else as JSON in the metadata.
public struct Checkpoint: Sendable, Equatable {
  /// Tensors by section, such as `parameters`, `optimizer` and `averages`; section names hold no `:`.
  public var sections: [String: TensorTable]
  /// Epochs that are complete.
  public var epoch: Int
  /// Optimizer steps that were done.
  public var step: Int
  /// Where each source of random numbers stands, by its use.
  public var random: [String: RandomSource]
  /// Other numbers to go on from, such as the best quality so far.
  public var values: [String: Double]
  /// The run's configuration as JSON.
  public var configuration: String

  public init(
    sections: [String: TensorTable] = [:], epoch: Int = 0, step: Int = 0,
    random: [String: RandomSource] = [:], values: [String: Double] = [:],
    configuration: String = ""
  ) {
    self.sections = sections
    self.epoch = epoch
    self.step = step
    self.random = random
    self.values = values
    self.configuration = configuration
  }

  /// What stands beside the tensors.
  private struct Progress: Codable {
    var sections: [String]
    var epoch: Int
    var step: Int
    var random: [String: RandomSource]
    var values: [String: Double]
  }

  private static let progressKey = "checkpoint"
  private static let configurationKey = "configuration"

  /// Reads a file that ``write(to:)`` wrote.
  public init(path: String) throws(ModelFileError) {
    let file = try Safetensors(path: path)
    guard let text = file.metadata[Self.progressKey],
      let configuration = file.metadata[Self.configurationKey]
    else { throw .incomplete("the file is not a training checkpoint") }
    let progress = try JSONText.decode(Progress.self, from: text, called: "checkpoint")
    guard progress.epoch >= 0, progress.step >= 0 else {
      throw .incomplete("the checkpoint counts a negative number of epochs or steps")
    }
    var sections: [String: TensorTable] = [:]
    for section in progress.sections { sections[section] = TensorTable() }
    for entry in file.entries {
      let parts = entry.name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, sections[String(parts[0])] != nil else {
        throw .incomplete("the checkpoint's tensor \"\(entry.name)\" is of no section")
      }
      sections[String(parts[0])]?[String(parts[1])] = file[entry.name]
    }
    self.init(
      sections: sections, epoch: progress.epoch, step: progress.step, random: progress.random,
      values: progress.values, configuration: configuration)
  }

  /// Writes the file, which replaces the one before only when it is whole.
  public func write(to path: String) throws(ModelFileError) {
    var table = TensorTable()
    for (section, tensors) in sections.sorted(by: { $0.key < $1.key }) {
      guard !section.contains(":") else {
        throw .unwritable("the section name \"\(section)\" holds a colon")
      }
      for (name, tensor) in tensors { table["\(section):\(name)"] = tensor }
    }
    let progress = Progress(
      sections: sections.keys.sorted(), epoch: epoch, step: step, random: random, values: values)
    try Safetensors.write(
      table,
      metadata: [
        Self.progressKey: try JSONText.encode(progress), Self.configurationKey: configuration,
      ], to: path)
  }
}
