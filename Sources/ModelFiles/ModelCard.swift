/// What a model is, for people and for the commands that use it: a text in the model file.
///
/// After Mitchell et al. 2019, "Model Cards for Model Reporting".
public struct ModelCard: Sendable, Equatable {
  /// What it is called, such as `objects`.
  public var name: String
  /// One line: what it does.
  public var summary: String
  /// The labels in the order of the outputs; none for a generator.
  public var classNames: [String]
  /// Labels that belong together: each label in exactly one group, or no groups.
  public var groups: [LabelGroup]
  /// The probability below which a group of labels is no answer; nil where none was determined.
  public var threshold: Double?
  /// What becomes of an image before the network sees it; nil for a generator.
  public var preprocessing: Preprocessing?
  /// What becomes of a text or a series; nil of a model that takes images.
  public var sequences: SequencePreprocessing?
  /// The command line that trained it.
  public var command: String
  public var seed: UInt64
  /// What was measured, by name, such as `accuracy` (0…1); and on what, in `evaluatedOn`.
  public var metrics: [String: Double]
  public var evaluatedOn: String
  /// Of the true class (row) the images labeled (column), measured as `metrics`; may be empty.
  public var confusion: [[Int]]
  /// What it was trained on.
  public var data: String
  /// The terms of the weights and of the data.
  public var license: String
  /// What it is not good at.
  public var limitations: String

  public init(
    name: String, summary: String = "", classNames: [String] = [], groups: [LabelGroup] = [],
    threshold: Double? = nil, preprocessing: Preprocessing? = nil, command: String = "",
    seed: UInt64 = 0,
    metrics: [String: Double] = [:], evaluatedOn: String = "", confusion: [[Int]] = [],
    data: String = "", license: String = "", limitations: String = ""
  ) {
    self.name = name
    self.summary = summary
    self.classNames = classNames
    self.groups = groups
    self.threshold = threshold
    self.preprocessing = preprocessing
    self.command = command
    self.seed = seed
    self.metrics = metrics
    self.evaluatedOn = evaluatedOn
    self.confusion = confusion
    self.data = data
    self.license = license
    self.limitations = limitations
  }
}

/// In JSON by the names of the properties; what some of them were once called is read, too.
extension ModelCard: Codable {
  private enum CodingKeys: CodingKey {
    case name, summary, classNames, groups, threshold, preprocessing, sequences, command, seed
    case metrics, evaluatedOn, confusion, data
    case license, limitations
    // Former spellings.
    case input, quality, measuredOn, licence, limits
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    summary = try container.decode(String.self, forKey: .summary)
    classNames = try container.decode([String].self, forKey: .classNames)
    groups = try container.decodeIfPresent([LabelGroup].self, forKey: .groups) ?? []
    threshold = try container.decodeIfPresent(Double.self, forKey: .threshold)
    preprocessing = try container.decodeIfPresent(
      Preprocessing.self, forKey: .preprocessing, or: .input)
    sequences = try container.decodeIfPresent(SequencePreprocessing.self, forKey: .sequences)
    command = try container.decode(String.self, forKey: .command)
    seed = try container.decode(UInt64.self, forKey: .seed)
    metrics = try container.decode([String: Double].self, forKey: .metrics, or: .quality)
    evaluatedOn = try container.decode(String.self, forKey: .evaluatedOn, or: .measuredOn)
    confusion = try container.decode([[Int]].self, forKey: .confusion)
    data = try container.decode(String.self, forKey: .data)
    license = try container.decode(String.self, forKey: .license, or: .licence)
    limitations = try container.decode(String.self, forKey: .limitations, or: .limits)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(summary, forKey: .summary)
    try container.encode(classNames, forKey: .classNames)
    if !groups.isEmpty { try container.encode(groups, forKey: .groups) }
    try container.encodeIfPresent(threshold, forKey: .threshold)
    try container.encodeIfPresent(preprocessing, forKey: .preprocessing)
    try container.encodeIfPresent(sequences, forKey: .sequences)
    try container.encode(command, forKey: .command)
    try container.encode(seed, forKey: .seed)
    try container.encode(metrics, forKey: .metrics)
    try container.encode(evaluatedOn, forKey: .evaluatedOn)
    try container.encode(confusion, forKey: .confusion)
    try container.encode(data, forKey: .data)
    try container.encode(license, forKey: .license)
    try container.encode(limitations, forKey: .limitations)
  }
}
