import ArgumentParser
import Filters
import FoundationEssentials
import Images

/// An option of a verb or a filter as the page and the description of the interface show it: everything comes from
/// the command's own declaration, but the range of a slider.
struct DescribedOption: Encodable {
  let name: String
  /// What its value is called; nil for a flag.
  let placeholder: String?
  let summary: String
  /// The words that it may be.
  var values: [String] = []
  var example: String?
  /// What holds where the option is left out, if that is one value.
  var initial: String?
  /// Whether it may be left out, of a filter's own argument.
  var isOptional = false
  /// The filters that it has a meaning for; nil for all.
  var filters: [String]?
  /// What a slider offers; other values may be typed.
  var minimum: Double?
  var maximum: Double?
  var step: Double?

  private mutating func limit(to range: SliderRange?) {
    guard let range else { return }
    (minimum, maximum, step) = (range.minimum, range.maximum, range.step)
  }

  // MARK: - Filters

  /// A filter's own argument.
  init?(argumentOf filter: Filter) {
    guard let parameter = filter.parameter else { return nil }
    name = filter.name
    placeholder = parameter.placeholder
    summary = parameter.summary
    values = parameter.values
    example = parameter.example
    isOptional = parameter.isOptional
    if values.isEmpty, Double(parameter.example) != nil {
      limit(to: SliderRange.ofFilters[filter.name])
    }
  }

  init(_ modifier: Modifier) {
    name = modifier.name
    placeholder = modifier.placeholder
    summary = modifier.summary
    values = modifier.values
    let own = Filter.catalog.filter { filter in
      filter.modifiers.contains { $0.name == modifier.name }
    }
    filters = own.isEmpty ? Self.filters(taking: modifier) : own.map(\.name)
    initial = toldInitial ?? ["stride": "1", "scale": "1", "bias": "0"][modifier.name]
    limit(to: SliderRange.ofModifiers[modifier.name])
  }

  /// The number in a summary's "(default: 2)".
  private var toldInitial: String? {
    guard let start = summary.firstRange(of: "(default: ")?.upperBound else { return nil }
    let text = String(summary[start...].prefix { $0 != ")" && $0 != ";" })
    return Double(text) == nil ? nil : text
  }

  /// The filters for which a modifier of all has a meaning: tried, as a request would be.
  private static func filters(taking modifier: Modifier) -> [String] {
    let example = modifier.example.split(separator: " ", maxSplits: 1).dropFirst().first
    return Filter.catalog.filter { filter in
      let arguments =
        ["--\(filter.name)"] + [filter.parameter?.example].compactMap { $0 }
        + ["--\(modifier.name)"] + (example.map { [String($0)] } ?? [])
      guard let steps = try? ChainArguments(arguments).steps,
        let chain = try? FilterChain(steps.map { try $0.filterStep(ReadOptions()) })
      else { return false }
      return (try? chain.check()) != nil
    }.map(\.name)
  }

  // MARK: - Verbs

  /// The options of a command that a request may give.
  static func options(of command: any ParsableCommand.Type, named names: [String]) -> [Self] {
    struct Dump: Decodable {
      struct Command: Decodable { let arguments: [Argument]? }
      struct Argument: Decodable {
        struct Name: Decodable { let name: String }
        let kind: String
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let defaultValue: String?
        let allValues: [String]?
      }
      let command: Command
    }
    let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8))
    return (dump?.command.arguments ?? []).compactMap { argument in
      guard let name = argument.names?.first(where: { names.contains($0.name) })?.name else {
        return nil
      }
      var option = Self(
        name: name, placeholder: argument.kind == "flag" ? nil : argument.valueName ?? "value",
        summary: argument.abstract ?? "", values: argument.allValues ?? [])
      option.initial = argument.defaultValue ?? option.toldInitial
      option.limit(to: SliderRange.ofVerbs[name])
      return option
    }
  }

  init(name: String, placeholder: String?, summary: String, values: [String]) {
    self.name = name
    self.placeholder = placeholder
    self.summary = summary
    self.values = values
  }
}

/// What a slider offers of a number. The commands take more; these are the values that are worth trying on a photo.
struct SliderRange {
  let minimum: Double
  let maximum: Double
  let step: Double

  private init(_ minimum: Double, _ maximum: Double, _ step: Double) {
    (self.minimum, self.maximum, self.step) = (minimum, maximum, step)
  }

  static let ofFilters: [String: SliderRange] = [
    "gaussian": .init(0.3, 20, 0.1), "box": .init(1, 61, 1), "median": .init(1, 61, 2),
    "min": .init(1, 31, 2), "max": .init(1, 31, 2), "unsharp": .init(0.3, 20, 0.1),
    "log": .init(0.3, 10, 0.1), "contrast": .init(0, 4, 0.05), "saturation": .init(0, 4, 0.05),
    "gamma": .init(0.1, 5, 0.05), "posterize": .init(2, 32, 1), "rotate": .init(-180, 180, 1),
    "noise": .init(0, 80, 1), "salt-pepper": .init(0, 0.5, 0.01), "thumbnail": .init(16, 1024, 16),
    "max-pool": .init(2, 16, 1), "average-pool": .init(2, 16, 1), "sum-pool": .init(2, 16, 1),
    "clahe": .init(1, 16, 0.5), "trim": .init(0, 128, 1),
  ]

  static let ofVerbs: [String: SliderRange] = [
    "scale": .init(1.5, 8, 0.5), "clean": .init(0, 3, 1), "sigma": .init(0, 75, 1),
    "strength": .init(0, 1, 0.05),
    "jpeg-quality": .init(1, 100, 1),
  ]

  static let ofModifiers: [String: SliderRange] = [
    "stride": .init(1, 8, 1), "scale": .init(-4, 4, 0.05), "bias": .init(-255, 255, 1),
    "amount": .init(0, 5, 0.05), "seed": .init(0, 100, 1),
  ]
}
