import FoundationEssentials

/// A value that differs between two configurations.
public struct ConfigurationDifference: Sendable, Hashable, CustomStringConvertible {
  /// Where it stands, e.g. `recipe.optimizer.momentum`.
  public let key: String
  /// What it was and is, as JSON; nil where it is missing.
  public let before: String?
  public let now: String?

  public var description: String { "\(key) was \(before ?? "not set"), is now \(now ?? "not set")" }

  /// All values that differ between two JSON texts, by key.
  public static func between(_ before: Data, _ now: Data) throws -> [ConfigurationDifference] {
    let before = try JSONDecoder().decode(JSONTree.self, from: before).leaves()
    let now = try JSONDecoder().decode(JSONTree.self, from: now).leaves()
    return Set(before.keys).union(now.keys).sorted()
      // A key that is missing is one whose value is null.
      .filter { before[$0, default: "null"] != now[$0, default: "null"] }
      .map { ConfigurationDifference(key: $0, before: before[$0], now: now[$0]) }
  }
}

/// Any JSON value.
private enum JSONTree: Decodable {
  case object([String: JSONTree])
  case array([JSONTree])
  case leaf(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .leaf("null")
    } else if let value = try? container.decode(Bool.self) {
      self = .leaf("\(value)")
    } else if let value = try? container.decode(Int.self) {
      self = .leaf("\(value)")
    } else if let value = try? container.decode(Double.self) {
      self = .leaf("\(value)")
    } else if let value = try? container.decode(String.self) {
      self = .leaf("\"\(value)\"")
    } else if let value = try? container.decode([JSONTree].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONTree].self))
    }
  }

  /// Every value that holds no others, under its path.
  func leaves(at path: String = "") -> [String: String] {
    switch self {
    case .leaf(let text): return [path: text]
    case .array(let values):
      return values.enumerated().reduce(into: [:]) { all, element in
        all.merge(element.element.leaves(at: "\(path)[\(element.offset)]")) { $1 }
      }
    case .object(let members):
      return members.reduce(into: [:]) { all, member in
        let key = path.isEmpty ? member.key : "\(path).\(member.key)"
        all.merge(member.value.leaves(at: key)) { $1 }
      }
    }
  }
}
