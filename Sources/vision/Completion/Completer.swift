import ArgumentParser
import FoundationEssentials

/// What can stand at a place of a command line.
///
/// The scripts of ``CompletionScript`` ask for it at each TAB by `vision ---complete WORD...`, the last word being the one
/// before the cursor, perhaps empty. The answer is text that the shells only compare and quote. Its first line says which
/// files can stand there, too (``Files``); each further line is a word, a tab and its description.
///
/// Files are listed by the shells themselves, never here: so what a file is called goes through no line of text and no
/// evaluation.
struct Completer {
  /// The files that a shell is to offer.
  enum Files: String {
    case none, directories, files, models
  }

  private(set) var files = Files.none
  private(set) var words: [(word: String, description: String)] = []

  /// - Parameter line: the words behind `vision`, up to the one that is completed.
  init(_ line: [String]) {
    let current = line.last ?? ""
    let path = CommandPath(Array(line.dropLast()))
    if let help = path.rest.first, help == "help", !path.command.configuration.subcommands.isEmpty {
      let topic = CommandPath(Array(line.dropLast().filter { $0 != "help" }))
      if topic.rest.isEmpty { addSubcommands(of: topic.command) }
      return
    }
    let arguments = Self.arguments(of: path.command)
    let options = arguments.filter { $0.kind != .positional }
    let place = Place(path.rest, options)
    if let option = place.pendingOption {
      add(values(of: option))
    } else if !place.endsOptions, current.hasPrefix("-") {
      if let equals = current.firstIndex(of: "="),
        let option = options.first(where: { $0.spellings.contains(String(current[..<equals])) })
      {
        add(values(of: option), prefix: String(current[...equals]))
      } else {
        addOptions(options, except: place.seen)
      }
    } else {
      if path.rest.isEmpty { addSubcommands(of: path.command) }
      let positionals = arguments.filter { $0.kind == .positional }
      let index = min(place.positionals, positionals.count - 1)
      if index >= 0, place.positionals < positionals.count || positionals[index].isRepeating {
        add(values(of: positionals[index]))
      } else if path.command.configuration.subcommands.isEmpty {
        addOptions(options, except: place.seen)
      }
    }
  }

  /// As the scripts read it.
  var text: String {
    ([files.rawValue]
      + words.map { $0.word + ($0.description.isEmpty ? "" : "\t" + $0.description) })
      .joined(separator: "\n") + "\n"
  }

  // MARK: - What is offered

  private struct Values {
    var words: [String] = []
    var files = Files.none
  }

  private func values(of argument: Argument) -> Values {
    if let flag = argument.orderedFlag {
      return Values(words: flag.values, files: flag.completesFiles ? .files : .none)
    }
    guard let completion = argument.completionKind else { return Values() }
    if completion.file != nil { return Values(files: .files) }
    if completion.directory != nil { return Values(files: .directories) }
    let listed = completion.list?.values ?? []
    let names = listed.filter { !ModelFilePattern.all.contains($0) }
    return Values(words: names, files: names.count < listed.count ? .models : .none)
  }

  private mutating func add(_ values: Values, prefix: String = "") {
    files = values.files
    // A bundled model may be called anything; what is no line of text is not offered.
    words += values.words.filter {
      !$0.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
    .map { (prefix + $0, "") }
  }

  private mutating func addSubcommands(of command: any ParsableCommand.Type) {
    words += command.configuration.subcommands.compactMap { subcommand in
      let configuration = subcommand.configuration
      return configuration.commandName.map { ($0, configuration.abstract) }
    }
    if command == Vision.self { words.append(("help", "Shows help for a command.")) }
  }

  private mutating func addOptions(_ options: [Argument], except seen: Set<String>) {
    for option in options where option.shouldDisplay {
      // Filters and their options may be repeated.
      guard
        option.isRepeating || option.orderedFlag != nil || seen.isDisjoint(with: option.spellings)
      else { continue }
      words += option.spellings.map { ($0, option.abstract ?? "") }
    }
  }

  // MARK: - Where the cursor stands

  /// How far the words before the cursor have come.
  private struct Place {
    var positionals = 0
    /// The option whose value is due.
    var pendingOption: Argument?
    var seen: Set<String> = []
    /// Whether `--` was typed.
    var endsOptions = false

    init(_ words: some Sequence<String>, _ options: [Argument]) {
      for word in words {
        if pendingOption != nil {
          pendingOption = nil
        } else if endsOptions || !word.hasPrefix("-") || word == "-" {
          positionals += 1
        } else if word == "--" {
          endsOptions = true
        } else {
          seen.insert(word)
          if let option = options.first(where: { $0.spellings.contains(word) }), option.takesValue {
            pendingOption = option
          }
        }
      }
    }
  }

  // MARK: - What the argument parser knows

  /// An argument as the parser describes it for tools.
  private struct Argument: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    struct Completion: Decodable {
      struct Nothing: Decodable { init(from decoder: any Decoder) {} }
      struct List: Decodable { let values: [String] }
      let file: Nothing?
      let directory: Nothing?
      let list: List?
    }

    let kind: Kind
    let names: [Name]?
    let abstract: String?
    let completionKind: Completion?
    let isRepeating: Bool
    let shouldDisplay: Bool

    /// `--output`, `-o`.
    var spellings: [String] {
      (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
    }

    /// The parser knows filters and their options as flags without values.
    var orderedFlag: (any ChainFlag)? {
      guard kind == .flag, let name = names?.first?.name else { return nil }
      return FilterFlag.allCases.first { $0.name == name }
        ?? ModifierFlag.allCases.first { $0.name == name }
    }

    var takesValue: Bool { kind == .option || orderedFlag?.placeholder != nil }
  }

  private static func arguments(of command: any ParsableCommand.Type) -> [Argument] {
    struct Dump: Decodable {
      struct Command: Decodable { let arguments: [Argument]? }
      let command: Command
    }
    // No description, no completion: a TAB has nowhere to complain.
    let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8))
    return dump?.command.arguments ?? []
  }
}
