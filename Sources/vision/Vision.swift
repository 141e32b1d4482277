import ArgumentParser
import Glibc

struct Vision: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "vision",
    abstract: "Filters images, classifies them and generates faces.",
    discussion: """
      Examples:
        vision filter --sobel photo.png
        vision filter --gaussian 2 photos/ -o blurred/
        vision info photo.jpg
        vision classify photos/

      The exit code is 0 when all was done, 1 when some inputs failed, 2 when the run could not \
      go on and 64 when the command line is wrong.
      """,
    version: version,
    subcommands: [
      FilterCommand.self, InfoCommand.self, ClassifyCommand.self, ExplainCommand.self,
      TrainCommand.self, EvaluateCommand.self, ModelsCommand.self, SummaryCommand.self,
      GANCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    let arguments = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { FilePath.argument($0) }
    }
    do {
      try run(arguments)
    } catch let error as RunError {
      let hint = error.status == .badUsage ? "; see '\(commandName(arguments)) --help'" : ""
      Report.complain(error.message + hint)
      exit(error.status.rawValue)
    } catch let status as ExitStatus {
      exit(status.rawValue)
    } catch {
      leave(with: error, commandName: commandName(arguments))
    }
  }

  /// Runs the command that the arguments name.
  private static func run(_ arguments: [String]) throws {
    if namesLearn(arguments) {
      var command = try FilterLearnCommand.parseAsRoot(Array(arguments.dropFirst(2)))
      return try command.run()
    }
    if let name = arguments.first, name == FilterCommand.configuration.commandName {
      let chain = try ChainArguments(Array(arguments.dropFirst()))
      var command = try Vision.parseAsRoot([name] + chain.remaining)
      guard let filter = command as? FilterCommand else { return try command.run() }
      return try filter.run(chain.steps)
    }
    var command = try Vision.parseAsRoot(arguments)
    try command.run()
  }

  /// Whether it is `vision filter learn`. The parser would not see that: `filter`, which has inputs of
  /// its own, takes the name for one of them.
  private static func namesLearn(_ arguments: [String]) -> Bool {
    arguments.prefix(2).elementsEqual(
      [FilterCommand.configuration.commandName, FilterLearnCommand.configuration.commandName]
        .compactMap(\.self))
  }

  /// `vision`, or `vision filter` where a command is named.
  private static func commandName(_ arguments: [String]) -> String {
    if namesLearn(arguments) { return "vision filter learn" }
    let names = Vision.configuration.subcommands.map { $0.configuration.commandName }
    guard let first = arguments.first, names.contains(first) else { return "vision" }
    return "vision " + first
  }

  /// Prints what the argument parser has to say: help and version on standard output, what is wrong
  /// with the command line in one line on standard error.
  private static func leave(with error: any Error, commandName: String) -> Never {
    let code = Vision.exitCode(for: error)
    if code == .success {
      let help = FilterFlag.showingValues(
        in: ModifierFlag.showingValues(in: Vision.fullMessage(for: error)))
      StandardStream.output.write(help + "\n")
    } else {
      let message = Vision.message(for: error).split(separator: "\n").joined(separator: " ")
      let sentence = message.hasSuffix(".") ? String(message.dropLast()) : message
      Report.complain("\(sentence); see '\(commandName) --help'")
    }
    exit(code.rawValue)
  }
}
