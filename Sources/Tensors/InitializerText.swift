extension Initializer: CustomStringConvertible {
  /// The name, and the number where there is one: `he-normal`, `normal(0.02)`.
  public var description: String {
    switch self {
    case .zeros: "zeros"
    case .constant(let value): "constant(\(value))"
    case .fanInUniform: "uniform"
    case .glorotUniform: "glorot-uniform"
    case .glorotNormal: "glorot-normal"
    case .heUniform: "he-uniform"
    case .heNormal: "he-normal"
    case .normal(let std): "normal(\(std))"
    case .orthogonal: "orthogonal"
    case .parts(let numbers): "parts(\(numbers.map { "\($0)" }.joined(separator: " ")))"
    }
  }

  /// Reads what `description` writes; nil where it is no initializer.
  public init?(_ text: String) {
    let plain: [Initializer] = [
      .zeros, .fanInUniform, .glorotUniform, .glorotNormal, .heUniform, .heNormal,
      .orthogonal,
    ]
    if let known = plain.first(where: { $0.description == text }) {
      self = known
      return
    }
    let parts = text.split(separator: "(", maxSplits: 1)
    guard parts.count == 2, parts[1].last == ")" else { return nil }
    if parts[0] == "parts" {
      let numbers = parts[1].dropLast().split(separator: " ").compactMap { Float($0) }
      guard !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else { return nil }
      self = .parts(numbers)
      return
    }
    guard let number = Float(parts[1].dropLast()), number.isFinite else { return nil }
    switch parts[0] {
    case "constant": self = .constant(number)
    case "normal": self = .normal(std: number)
    default: return nil
    }
  }
}

/// In JSON the description.
extension Initializer: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let initializer = Initializer(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "unknown initializer \"\(text)\"")
    }
    self = initializer
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
