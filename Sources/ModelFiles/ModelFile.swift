import Tensors

/// Trained networks in one safetensors file: the weights as tensors, the architectures and the card as
/// JSON in the metadata.
///
/// Metadata of a file with one network: `format`, `task`, `card` and `architecture`. Several networks (a
/// translator's two generators, the levels of a pyramid) have names: `networks` lists them, parted by
/// commas, `architecture.NAME` declares each, and the names of its tensors begin with `NAME.`.
public struct ModelFile: Sendable, Equatable {
  /// One of the file's networks.
  public struct Part: Sendable, Equatable {
    /// Empty where the file holds a single network; otherwise without a dot or a comma.
    public var name: String
    /// The network's declaration as JSON, as the networks encode it.
    public var architecture: String
    /// Parameters and kept state by name, in plain row-major layout.
    public var tensors: TensorTable

    public init(name: String = "", architecture: String, tensors: TensorTable) {
      self.name = name
      self.architecture = architecture
      self.tensors = tensors
    }
  }

  /// The networks, the main one first.
  public var parts: [Part]
  public var card: ModelCard
  public var task: ModelTask
  /// Other texts of the file, kept as they came.
  public var otherMetadata: [String: String]

  /// A file of one network.
  ///
  /// - Parameter task: taken from the card where nil: a classifier has classes.
  public init(
    tensors: TensorTable, architecture: String, card: ModelCard, task: ModelTask? = nil,
    otherMetadata: [String: String] = [:]
  ) {
    self.init(
      parts: [Part(architecture: architecture, tensors: tensors)], card: card, task: task,
      otherMetadata: otherMetadata)
  }

  /// A file of several networks.
  public init(
    parts: [Part], card: ModelCard, task: ModelTask? = nil, otherMetadata: [String: String] = [:]
  ) {
    self.parts = parts
    self.card = card
    self.task = task ?? Self.task(of: card)
    self.otherMetadata = otherMetadata
  }

  /// The present version of the format; a file without one is of the first.
  static let format = 1
  static let formatKey = "format"
  static let taskKey = "task"
  static let cardKey = "card"
  static let architectureKey = "architecture"
  static let networksKey = "networks"

  static func architectureKey(of part: String) -> String {
    part.isEmpty ? architectureKey : "\(architectureKey).\(part)"
  }

  /// What a file that does not say its task is for.
  static func task(of card: ModelCard) -> ModelTask {
    card.classNames.isEmpty ? .generation : .classification
  }

  /// Reads a file that ``write(to:precision:)`` wrote.
  ///
  /// - Throws: ``ModelFileError/incomplete(_:)`` where it is a valid safetensors file of another kind,
  ///   such as bare weights; ``ModelFileError/unsupported(_:)`` where its format is newer.
  public init(path: String) throws(ModelFileError) {
    let file = try LazyModelFile(path: path)
    self.init(
      parts: file.parts.map { part in
        Part(name: part.name, architecture: part.architecture, tensors: file.tensors(of: part))
      }, card: file.card, task: file.task, otherMetadata: file.otherMetadata)
  }

  /// Writes the file, which appears under its name only when it is whole.
  ///
  /// - Throws: ``ModelFileError/unwritable(_:)`` where the names of several networks are not distinct, or
  ///   hold a dot or a comma.
  public func write(
    to path: String, precision: StoredPrecision = .float32
  ) throws(ModelFileError) {
    let names = parts.map(\.name)
    guard !parts.isEmpty, Set(names).count == names.count,
      names == [""] || names.allSatisfy({ !$0.isEmpty && !$0.contains { ".,".contains($0) } })
    else { throw .unwritable("the networks of a model file need distinct names without dots") }
    var metadata = otherMetadata
    metadata[Self.formatKey] = "\(Self.format)"
    metadata[Self.taskKey] = task.rawValue
    metadata[Self.cardKey] = try JSONText.encode(card)
    metadata[Self.networksKey] = names == [""] ? nil : names.joined(separator: ",")
    var tensors = TensorTable()
    for part in parts {
      metadata[Self.architectureKey(of: part.name)] = part.architecture
      let prefix = part.name.isEmpty ? "" : part.name + "."
      for (name, tensor) in part.tensors { tensors[prefix + name] = tensor }
    }
    try Safetensors.write(tensors, metadata: metadata, precision: precision, to: path)
  }

  /// The other texts of a file alone, without its weights being read.
  public static func metadata(path: String) throws(ModelFileError) -> [String: String] {
    try LazyModelFile(path: path).otherMetadata
  }

  /// A model's card alone, without its weights being read.
  public static func card(path: String) throws(ModelFileError) -> ModelCard {
    try LazyModelFile(path: path).card
  }
}

/// The only network of a file, or the main one of several.
extension ModelFile {
  /// The network's declaration as JSON.
  public var architecture: String { parts.first?.architecture ?? "" }

  /// Its parameters and kept state by name.
  public var tensors: TensorTable {
    get { parts.first?.tensors ?? TensorTable() }
    set { if !parts.isEmpty { parts[0].tensors = newValue } }
  }
}
