/// Texts about a model that its own file leaves unsaid: what a person writes into a JSON file beside it, or
/// gives on the command line. nil where nothing is said.
public struct ModelMetadata: Sendable, Equatable {
  /// The labels in the order of the outputs.
  public var classNames: [String]?
  /// Labels that belong together.
  public var groups: [LabelGroup]?
  /// The name of the output that holds the scores, where an ONNX network has several.
  public var output: String?
  public var name: String?
  public var summary: String?
  public var data: String?
  public var license: String?
  public var limitations: String?

  public init(classNames: [String]? = nil, output: String? = nil, name: String? = nil) {
    self.classNames = classNames
    self.output = output
    self.name = name
  }

  /// Puts what is said into a card.
  public func apply(to card: inout ModelCard) {
    card.classNames = classNames ?? card.classNames
    card.groups = groups ?? card.groups
    card.name = name ?? card.name
    card.summary = summary ?? card.summary
    card.data = data ?? card.data
    card.license = license ?? card.license
    card.limitations = limitations ?? card.limitations
  }
}

/// In JSON by the names of the properties, `licence` and `limits` too, every key optional.
extension ModelMetadata: Decodable {
  private enum CodingKeys: CodingKey {
    case classNames, groups, output, name, summary, data, license, limitations
    // Former spellings.
    case licence, limits
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    classNames = try container.decodeIfPresent([String].self, forKey: .classNames)
    groups = try container.decodeIfPresent([LabelGroup].self, forKey: .groups)
    output = try container.decodeIfPresent(String.self, forKey: .output)
    name = try container.decodeIfPresent(String.self, forKey: .name)
    summary = try container.decodeIfPresent(String.self, forKey: .summary)
    data = try container.decodeIfPresent(String.self, forKey: .data)
    license = try container.decodeIfPresent(String.self, forKey: .license, or: .licence)
    limitations = try container.decodeIfPresent(String.self, forKey: .limitations, or: .limits)
  }
}
