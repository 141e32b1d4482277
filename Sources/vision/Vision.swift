import ArgumentParser
import Files
import Glibc
import Loops

struct Vision: ParsableCommand {
  static let version = "0.1.0"
  /// What results name as the program that wrote them.
  static let software = "vision \(version)"

  /// The instruction set that is used, where `VISION_CPU` limits it the one that was found, and the
  /// processors.
  private static var computer: String {
    let best = InstructionSet.best
    // A name that there is not has been refused before.
    let used = (try? InstructionSet.allowed()) ?? best
    let set = used < best ? "\(used.rawValue) of \(best.rawValue)" : best.rawValue
    return "\(set), \(processorCount) \(processorCount == 1 ? "thread" : "threads")"
  }

  static let configuration = CommandConfiguration(
    commandName: "vision",
    abstract: "Filters, classifies and generates images.",
    discussion: """
      Examples:
        vision filter --sobel photo.png
        vision classify photos/
        vision train photos/ --out run
        vision gan sample -n 16

      Exit status: 0 on success, 1 if some inputs failed, 2 if the run was aborted or interrupted, \
      64 for a usage error.
      """,
    version: "\(version) (\(computer))",
    subcommands: [
      FilterCommand.self, InfoCommand.self, ClassifyCommand.self, ExplainCommand.self,
      TrainCommand.self, EvaluateCommand.self, ImportCommand.self, ExportCommand.self,
      ModelsCommand.self, SummaryCommand.self, GANCommand.self, ForecastCommand.self,
      SeriesCommand.self, UpscaleCommand.self, DenoiseCommand.self, SegmentCommand.self,
      ServeCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    StandardStream.reserveDescriptors()
    // Too large a file for the user's limit is an error like a full disk, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    MappedFileFaults.stopWithMessage()
    let arguments = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { FilePath.argument($0) }
    }
    if arguments.first == "---complete" {
      return StandardStream.output.write(Completer(Array(arguments.dropFirst())).text)
    }
    let command = CommandPath(arguments)
    do {
      if let shell = arguments.first?.wordBehind("--generate-completion-script") {
        return try writeScript(shell.isEmpty ? arguments.dropFirst().first : shell)
      }
      try command.requireCommand()
      try command.requireUTF8()
      try requireInstructionSet()
      try run(command, arguments)
    } catch let error as RunError {
      let hint = error.status == .usage ? "; see '\(command) --help'" : ""
      for detail in error.details { Console.error(detail) }
      Console.error(error.message + hint)
      exit(error.status.rawValue)
    } catch let status as ExitStatus {
      exit(status.rawValue)
    } catch {
      leave(with: error, command)
    }
  }

  /// Writes a shell's completion script; that of the user's shell unless one is named.
  private static func writeScript(_ name: String?) throws(RunError) {
    let user = getenv("SHELL").map { FilePath(argument: FilePath.argument($0)).name } ?? []
    let name = name ?? String(decoding: user, as: UTF8.self)
    guard let script = CompletionScript(rawValue: name) else {
      let known = CompletionScript.allCases.map(\.rawValue).joined(separator: ", ")
      throw .usage("no completion script for '\(name)'; give one of \(known)")
    }
    StandardStream.output.write(script.text + "\n")
  }

  /// Refuses a `VISION_CPU` that names no instruction set, whatever the command would compute.
  private static func requireInstructionSet() throws(RunError) {
    do {
      _ = try InstructionSet.limit()
    } catch {
      throw .aborted(error.description)
    }
  }

  /// Runs the command that the arguments name.
  private static func run(_ command: CommandPath, _ arguments: [String]) throws {
    // The parser would not see `filter learn`: `filter`, which has inputs of its own, takes the name for
    // one of them.
    if command.isBelowInputs {
      var command = try command.command.parseAsRoot(command.separated(Array(command.rest)))
      return try command.run()
    }
    if command.command == FilterCommand.self {
      let chain = try ChainArguments(Array(command.rest))
      var command = try Vision.parseAsRoot(
        arguments.prefix(1) + command.separated(chain.remaining))
      guard let filter = command as? FilterCommand else { return try command.run() }
      return try filter.run(chain.steps, background: chain.background)
    }
    var command = try Vision.parseAsRoot(command.separated(arguments))
    try command.run()
  }

  /// Prints what the argument parser has to say: help and version on standard output,
  /// what is wrong with the command line in one line on standard error.
  private static func leave(with error: any Error, _ command: CommandPath) -> Never {
    let code = Vision.exitCode(for: error)
    if code == .success {
      let help = FilterFlag.showingValues(
        in: ModifierFlag.showingValues(in: Vision.fullMessage(for: error)))
      StandardStream.output.write(help + "\n")
    } else {
      var message = ExpectedValue.complete(Vision.message(for: error))
      if message.hasPrefix("Missing expected argument") || message.hasPrefix("Unknown option") {
        message = command.unknownOption ?? message
      }
      let sentence = message.hasSuffix(".") ? String(message.dropLast()) : message
      Console.error("\(sentence); see '\(command) --help'")
    }
    exit(code.rawValue)
  }
}

extension String {
  /// What stands behind an option's name: nothing, or the value of `--name=value`; nil for another word.
  fileprivate func wordBehind(_ option: String) -> String? {
    guard hasPrefix(option) else { return nil }
    let rest = dropFirst(option.count)
    return rest.isEmpty ? "" : rest.first == "=" ? String(rest.dropFirst()) : nil
  }
}
