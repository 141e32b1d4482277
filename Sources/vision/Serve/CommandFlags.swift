import ArgumentParser
import Serving

/// A command's flags as a request gives them: items of the query, in order.
struct CommandFlags {
  /// As they would be typed.
  let arguments: [String]

  /// - Parameter allowed: the names that mean something there.
  /// - Throws: 400 for another name.
  init(
    _ items: [Target.Item], allowed: [String], takingNoValue: Set<String> = []
  ) throws(Problem) {
    var arguments: [String] = []
    for item in items {
      guard allowed.contains(item.name) else {
        let meant = Spelling.nearest(to: item.name, among: allowed)
        throw .badRequest(
          "there is no item \(printableName(item.name))"
            + (meant.map { "; did you mean \($0)?" } ?? ""))
      }
      if let value = item.value, !(value.isEmpty && takingNoValue.contains(item.name)) {
        arguments.append("--\(item.name)=\(value)")
      } else {
        arguments.append("--\(item.name)")
      }
    }
    self.arguments = arguments
  }

  /// Parses them as the command does.
  func parse<Command: ParsableCommand>(
    _ command: Command.Type, _ further: [String] = []
  ) throws(Problem) -> Command {
    do { return try Command.parse(arguments + further) } catch {
      throw .badRequest(ExpectedValue.complete(Command.message(for: error)))
    }
  }
}

private func printableName(_ name: String) -> String { String(name.prefix(60)) }
