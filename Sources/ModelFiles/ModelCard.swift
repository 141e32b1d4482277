import Datasets

/// What a model is, for people and for the commands that use it: a text in the model file.
///
/// After Mitchell et al. 2019, "Model Cards for Model Reporting".
public struct ModelCard: Sendable, Codable, Equatable {
  /// What it is called, such as `objects`.
  public var name: String
  /// One line: what it does.
  public var summary: String
  /// The labels in the order of the outputs; none for a generator.
  public var classNames: [String]
  /// What it takes; nil for a generator.
  public var input: InputForm?
  /// The command line that trained it.
  public var command: String
  public var seed: UInt64
  /// What was measured, by name, such as `accuracy` (0…1); and on what, in `measuredOn`.
  public var quality: [String: Double]
  public var measuredOn: String
  /// Of the true class (row) the images labelled (column), measured as `quality`; may be empty.
  public var confusion: [[Int]]
  /// What it was trained on.
  public var data: String
  /// The terms of the weights and of the data.
  public var licence: String
  /// What it is not good at.
  public var limits: String

  public init(
    name: String, summary: String = "", classNames: [String] = [], input: InputForm? = nil,
    command: String = "", seed: UInt64 = 0, quality: [String: Double] = [:],
    measuredOn: String = "", confusion: [[Int]] = [], data: String = "", licence: String = "",
    limits: String = ""
  ) {
    self.name = name
    self.summary = summary
    self.classNames = classNames
    self.input = input
    self.command = command
    self.seed = seed
    self.quality = quality
    self.measuredOn = measuredOn
    self.confusion = confusion
    self.data = data
    self.licence = licence
    self.limits = limits
  }
}
