extension Filter {
  /// An argument of a filter besides its own, written behind it: `--unsharp 2 --amount 1.5`.
  public struct Modifier: Sendable, Equatable {
    /// The name, also of its flag (without dashes). Filters may share a modifier.
    public let name: String
    /// Its value's name in a usage line; nil where it takes none.
    public let placeholder: String?
    /// What it means, in one line.
    public let summary: String
    /// The values that it may have, where they are words.
    public let values: [String]

    public init(_ name: String, _ placeholder: String?, _ summary: String, values: [String] = []) {
      self.name = name
      self.placeholder = placeholder
      self.summary = summary
      self.values = values
    }
  }

  /// What was typed for a filter.
  public struct Arguments: Sendable {
    /// Its own argument; empty where it takes none.
    public let value: String
    private let modifiers: [String: String]

    init(_ value: String, modifiers: [String: String]) {
      self.value = value
      self.modifiers = modifiers
    }

    /// What was typed for a modifier; nil where it was left out, empty where it takes no value.
    public subscript(_ modifier: Modifier) -> String? { modifiers[modifier.name] }

    /// One of the words that a modifier allows; nil where it was left out.
    ///
    /// - Throws: when it is none of them.
    public func choice<Choice>(_ modifier: Modifier) throws(FilterError) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
      guard let text = self[modifier] else { return nil }
      guard let choice = Choice(rawValue: text) else {
        throw .invalidValue(text, of: modifier.name, expected: Choice.allCases.map(\.rawValue))
      }
      return choice
    }

    /// A number within a range; nil where it was left out.
    ///
    /// - Throws: when it is no number, or lies outside.
    public func number(_ modifier: Modifier, in range: ClosedRange<Double>)
      throws(FilterError) -> Double?
    {
      guard let text = self[modifier] else { return nil }
      guard let number = Fraction(text)?.value, range.contains(number) else {
        throw .badArgument(
          "\(modifier.name) \(text): give a number from \(numberText(range.lowerBound)) to "
            + numberText(range.upperBound))
      }
      return number
    }
  }
}
