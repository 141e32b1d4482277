import ArgumentParser
import Files
import Filters

/// The command that a command line names: as many of its first words as are names of subcommands.
struct CommandPath: CustomStringConvertible {
  /// As it is typed: `vision gan sample`.
  private(set) var description = "vision"
  /// The command itself.
  private(set) var command: any ParsableCommand.Type = Vision.self
  /// The one before it, if any.
  private var parent: (any ParsableCommand.Type)?
  /// What stands behind the names.
  private(set) var rest: ArraySlice<String>

  init(_ arguments: [String]) {
    rest = arguments[...]
    while let first = rest.first, let next = subcommand(first) {
      (parent, command) = (command, next)
      description += " " + first
      rest = rest.dropFirst()
    }
  }

  private func subcommand(_ name: String) -> (any ParsableCommand.Type)? {
    command.configuration.subcommands.first { $0.configuration.commandName == name }
  }

  private var subcommandNames: [String] {
    command.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// The commands that have both inputs and subcommands.
  private static let takingInputs: [any ParsableCommand.Type] = [
    FilterCommand.self, UpscaleCommand.self, DenoiseCommand.self, SegmentCommand.self,
  ]

  /// Whether the command stands below one that has inputs of its own, whose parser would take the command's
  /// name for one of them.
  var isBelowInputs: Bool { Self.takingInputs.contains { $0 == parent } }

  private var takesInputs: Bool { Self.takingInputs.contains { $0 == command } }

  /// The commands whose images may be called anything.
  private static let takingAnyBytes: [any ParsableCommand.Type] = [
    FilterCommand.self, FilterLearnCommand.self, InfoCommand.self, ClassifyCommand.self,
    ExplainCommand.self, UpscaleCommand.self, DenoiseCommand.self, SegmentCommand.self,
  ]

  /// - Throws: a usage error where the command would take a name that is not UTF-8 for another.
  func requireUTF8() throws(RunError) {
    guard !Self.takingAnyBytes.contains(where: { $0 == command }),
      let argument = rest.first(where: PathText.isEscaped)
    else { return }
    throw .usage(
      "\(FilePath(argument: argument)): file names must be valid UTF-8 for this command; "
        + "rename the file")
  }

  // MARK: - Short options

  /// Options of one letter that take a value, in whichever command has them; `-h` takes none.
  private static let shortOptions: Set<Character> = ["o", "j", "n"]

  /// Whether the command has an option of this letter that takes a value.
  private func takesValue(_ letter: Character) -> Bool {
    guard Self.shortOptions.contains(letter) else { return false }
    let help = Vision.helpMessage(for: command)
    return help.contains("\n  -\(letter), ") || help.contains("\n  -\(letter) ")
  }

  /// The arguments with short options apart from values that are joined to them: `-oq.png` is `-o q.png`.
  ///
  /// - Throws: a usage error for other words with one dash, which the parser would take for several options: `-graph.png`
  ///   holds an `h` and would show help.
  func separated(_ arguments: [String]) throws(RunError) -> [String] {
    var result: [String] = []
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return result + arguments[index...] }
      guard argument.hasPrefix("-"), let letter = argument.dropFirst().first, letter.isLetter,
        argument.count > 2
      else {
        result.append(argument)
        continue
      }
      let isFile = FileStatus(ofLink: FilePath(argument: argument)) != nil
      guard !isFile, takesValue(letter) else {
        let name = FilePath(argument: argument)
        throw .usage(
          isFile
            ? "\(name): is a file here, but looks like an option; write ./\(name), or -- before all names"
            : "Unknown option '\(name)'; a file of that name is written ./\(name)")
      }
      let value = argument.dropFirst(2)
      result += ["-\(letter)", String(value.first == "=" ? value.dropFirst() : value)]
    }
    return result
  }

  // MARK: - What was meant

  /// - Throws: a usage error where a word stands in a command's place that is none, with the
  ///   command that was probably meant.
  func requireCommand() throws(RunError) {
    if command == Vision.self, rest.first == "help" {
      return try CommandPath(Array(rest.dropFirst())).requireCommand()
    }
    guard let word = rest.first, !subcommandNames.isEmpty, word != "help", word != "-" else {
      return
    }
    let meant = Spelling.nearest(to: word, among: subcommandNames).map { "\(description) \($0)" }
    if takesInputs || command.configuration.defaultSubcommand != nil {
      // Inputs may stand there.
      guard let meant, FileStatus(of: FilePath(argument: word)) == nil else { return }
      throw .usage("no such file or command '\(word)'; did you mean '\(meant)'?")
    }
    let isOption = word.hasPrefix("-")
    if !isOption, let meant {
      throw .usage("unknown command '\(word)'; did you mean '\(meant)'?")
    }
    if command == Vision.self {
      let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
      if name.count > 1,
        let filter = Spelling.nearest(to: String(name), among: Filter.catalog.map(\.name))
      {
        throw .usage(
          "unknown \(isOption ? "option" : "command") '\(word)'; "
            + "did you mean 'vision filter --\(filter)'?")
      }
    }
    if isOption { return }
    if command == Vision.self, FileStatus(of: FilePath(argument: word)) != nil {
      let path = FilePath(argument: word).shellText
      throw .usage(
        "unknown command '\(word)'; did you mean 'vision filter --sobel \(path)' or "
          + "'vision classify \(path)'?")
    }
    throw .usage(
      "unknown command '\(word)'; available: \(subcommandNames.joined(separator: ", "))")
  }

  /// The first option that the command does not have, in the parser's words; the parser itself names
  /// an argument that is missing before it.
  var unknownOption: String? {
    let help = Vision.helpMessage(for: command)
    let known = Set(help.matches(of: /--[a-z][a-z0-9-]*/).map { String($0.output) })
    let options = rest.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }
      .map { String($0.prefix { $0 != "=" }) }
    guard let option = options.first(where: { !known.contains($0) }) else { return nil }
    let meant = Spelling.nearest(to: option, among: known.sorted())
    return "Unknown option '\(option)'" + (meant.map { ". Did you mean '\($0)'?" } ?? "")
  }
}

/// What a mistyped word was meant to be.
enum Spelling {
  /// The only name that begins so, or the one that becomes `word` by the fewest slips; nil where that takes more than one for every
  /// three letters, or more than two.
  static func nearest(to word: String, among names: [String]) -> String? {
    let beginning = names.filter { $0.hasPrefix(word) }
    if word.count > 2, beginning.count == 1 { return beginning[0] }
    let nearest = names.map { ($0, slips(from: $0, to: word)) }.min { $0.1 < $1.1 }
    guard let (name, slips) = nearest, slips <= min(2, max(1, word.count / 3)) else { return nil }
    return name
  }

  /// Letters left out, put in, changed or swapped with their neighbor (Damerau 1964, in the form
  /// known as optimal string alignment).
  private static func slips(from name: String, to word: String) -> Int {
    let (a, b) = (Array(name), Array(word))
    var older: [Int] = []
    var old = Array(0...b.count)
    for i in 0..<a.count {
      var new = [i + 1]
      for j in 0..<b.count {
        var least = min(old[j + 1] + 1, new[j] + 1, old[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, older[j - 1] + 1) }
        new.append(least)
      }
      (older, old) = (old, new)
    }
    return old[b.count]
  }
}
