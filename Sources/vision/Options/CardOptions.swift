import ArgumentParser
import FoundationEssentials
import ModelFiles

/// What a model file says of itself beyond what training knows.
struct CardOptions: ParsableArguments {
  @Option(help: "What the model is called (default: as its data's folder, or as the file of -o).")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "A JSON object with summary, data, licence and limits for the model's card.",
      valueName: "file"),
    completion: .file())
  var card: String?

  /// The card as far as it is known before training.
  ///
  /// - Parameter data: the path of the training data.
  func modelCard(data: String, seed: UInt64) throws(RunError) -> ModelCard {
    var texts: [String: String] = [:]
    if let path = card {
      let bytes: [UInt8]
      do throws(ReadingError) { bytes = try readFile(FilePath(argument: path)) } catch {
        throw .stopped("--card \(path): \(error.reason)")
      }
      do { texts = try JSONDecoder().decode([String: String].self, from: Data(bytes)) } catch {
        throw .stopped("--card \(path): expected a JSON object of texts")
      }
      let known = ["summary", "data", "licence", "limits"]
      if let other = texts.keys.sorted().first(where: { !known.contains($0) }) {
        throw .stopped(
          "--card \(path): \"\(other)\" is no part of a card; known: "
            + known.joined(separator: ", "))
      }
    }
    let folder = data.split(separator: "/").last.map(String.init) ?? "model"
    return ModelCard(
      name: name ?? folder, summary: texts["summary"] ?? "", command: Self.command, seed: seed,
      data: texts["data"] ?? "", license: texts["licence"] ?? "", limitations: texts["limits"] ?? ""
    )
  }

  /// The command line, without the program's folder, so that a shell takes it as it was given.
  private static var command: String {
    (["vision"] + CommandLine.arguments.dropFirst().map(quoted)).joined(separator: " ")
  }

  private static func quoted(_ argument: String) -> String {
    let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./,:=+@%".contains($0) }
    if isPlain && !argument.isEmpty { return argument }
    return "'"
      + argument.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: #"'\''"#) + "'"
  }
}
