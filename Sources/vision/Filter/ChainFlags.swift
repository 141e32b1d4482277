import ArgumentParser
import Filters

/// A flag that ``ChainArguments`` takes before the argument parser sees it, as the parser declares it
/// for help, completion and the nearest name of a mistyped one.
protocol ChainFlag: EnumerableFlag {
  var name: String { get }
  /// What its value is called; `nil` where it takes none.
  var placeholder: String? { get }
  /// Its values, where they can be counted.
  var values: [String] { get }
  /// Whether its value is a file.
  var completesFiles: Bool { get }
  var summary: String { get }
}

extension ChainFlag {
  static func name(for flag: Self) -> NameSpecification { .customLong(flag.name) }
  /// The summary as a sentence, like the help of all other options.
  static func help(for flag: Self) -> ArgumentHelp? {
    ArgumentHelp(flag.summary.prefix(1).uppercased() + flag.summary.dropFirst() + ".")
  }
  static func == (left: Self, right: Self) -> Bool { left.name == right.name }

  /// Help with the flags' values behind their names, which the parser knows nothing of; like the parser's own, what
  /// leaves no room for the summary stands above it.
  static func showingValues(in help: String) -> String {
    allCases.reduce(help) { help, flag in
      guard let placeholder = flag.placeholder else { return help }
      func padded(_ label: String) -> String {
        label + String(repeating: " ", count: max(0, summaryColumn - label.count))
      }
      let bare = "  --\(flag.name)"
      let label = bare + " " + placeholder
      let isShort = label.count < summaryColumn
      return help.replacing(
        "\n" + padded(bare), with: "\n" + (isShort ? padded(label) : label + "\n" + padded("")),
        maxReplacements: 1)
    }
  }

  /// Where the parser's summaries begin.
  private static var summaryColumn: Int { 26 }
}

/// The flag of a filter.
struct FilterFlag: ChainFlag {
  static let allCases = Filter.catalog.map(FilterFlag.init)

  let filter: Filter
  var name: String { filter.name }
  var placeholder: String? { filter.parameter?.placeholder }
  var values: [String] { filter.parameter?.values ?? [] }
  var completesFiles: Bool { false }
  var summary: String { filter.summary }
}

/// The flag of what changes a filter.
struct ModifierFlag: ChainFlag {
  static let allCases = Modifier.all.map(ModifierFlag.init)

  let modifier: Modifier
  var name: String { modifier.name }
  var placeholder: String? { modifier.placeholder }
  var values: [String] { modifier.values }
  var completesFiles: Bool { modifier.completesFiles }
  var summary: String { modifier.summary }
}

struct FilterFlags: ParsableArguments {
  @Flag var filters: [FilterFlag] = []
}

struct ModifierFlags: ParsableArguments {
  @Flag var modifiers: [ModifierFlag] = []
}
