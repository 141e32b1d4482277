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

  /// Help with the flags' values behind their names, which the parser knows nothing of.
  static func showingValues(in help: String) -> String {
    allCases.reduce(help) { help, flag in
      guard let placeholder = flag.placeholder else { return help }
      let bare = "\n  --\(flag.name) "
      let blanks = String(repeating: " ", count: placeholder.count)
      return help.replacing(bare + blanks, with: bare + placeholder, maxReplacements: 1)
    }
  }
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
