import Tensors

/// A model file of which all is read but the tensors: they wait until they are needed.
public struct LazyModelFile: Sendable {
  /// One of the file's networks.
  public struct Part: Sendable, Equatable {
    /// Empty where the file holds a single network.
    public let name: String
    /// The network's declaration as JSON.
    public let architecture: String

    /// What the names of its tensors begin with.
    var prefix: String { name.isEmpty ? "" : name + "." }
  }

  /// The networks, the main one first.
  public let parts: [Part]
  public let card: ModelCard
  public let task: ModelTask
  /// Other texts of the file.
  public let otherMetadata: [String: String]
  private let file: Safetensors

  /// Opens a file that ``ModelFile/write(to:precision:)`` wrote.
  ///
  /// - Throws: ``ModelFileError/incomplete(_:)`` where it is a valid safetensors file of another kind,
  ///   such as bare weights; ``ModelFileError/unsupported(_:)`` where its format is newer.
  public init(path: String) throws(ModelFileError) {
    switch FileKind(try mapFile(path)) {
    case .safetensors, .unknown: file = try Safetensors(path: path)
    case .foreign(let what): throw .incomplete(what)
    case .pyTorch:
      throw .incomplete(
        "this is a PyTorch file, which holds weights without their architecture; make a model of it "
          + "with 'vision import'")
    }
    var texts = file.metadata
    func take(_ key: String) -> String? { texts.removeValue(forKey: key) }
    // Of weights from elsewhere the value is a word.
    if let format = take(ModelFile.formatKey).flatMap({ Int($0) }), format > ModelFile.format {
      throw .unsupported(
        "a model file of format \(format); this program reads up to \(ModelFile.format)")
    }
    let names = take(ModelFile.networksKey)?.split(separator: ",").map(String.init) ?? [""]
    var parts: [Part] = []
    for name in names {
      guard let architecture = take(ModelFile.architectureKey(of: name)) else { break }
      parts.append(Part(name: name, architecture: architecture))
    }
    guard let text = take(ModelFile.cardKey), parts.count == names.count, !parts.isEmpty else {
      throw .incomplete("the file contains weights only, not the architecture that they belong to")
    }
    self.parts = parts
    card = try JSONText.decode(ModelCard.self, from: text, called: "model card")
    guard card.preprocessing?.isValid ?? true else {
      throw .incomplete("the model card's preprocessing is invalid")
    }
    task = take(ModelFile.taskKey).map(ModelTask.init) ?? ModelFile.task(of: card)
    otherMetadata = texts
  }

  /// The declaration, as JSON, of the only network, or of the main one.
  public var architecture: String { parts[0].architecture }

  /// The parameters or kept state of that name of the only network, or of the main one; nil where there is
  /// none.
  public subscript(name: String) -> LazyTensor? { self[name, of: parts[0]] }

  /// The parameters or kept state of that name of one of the networks; nil where there is none.
  public subscript(name: String, of part: Part) -> LazyTensor? {
    file.deferred(part.prefix + name)
  }

  func tensors(of part: Part) -> TensorTable {
    var table = TensorTable()
    for (name, tensor) in file.tensors where name.hasPrefix(part.prefix) {
      table[String(name.dropFirst(part.prefix.count))] = tensor
    }
    return table
  }
}
