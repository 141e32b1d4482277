import ArgumentParser
import FoundationEssentials
import ModelFiles

/// The parts of a model card that a person writes.
struct CardOptions: ParsableArguments {
  @Option(help: "Model name (default: the name of the data directory or of the -o file).")
  var name: String?

  @Option(
    help: ArgumentHelp(
      """
      JSON file with summary, data, license, limitations and groups (an array of objects with name and \
      labels) for the model card.
      """,
      valueName: "file"),
    completion: .file())
  var card: String?

  /// The card as far as it is known before training.
  ///
  /// - Parameter data: the path of the training data.
  func modelCard(data: String, seed: UInt64) throws(RunError) -> ModelCard {
    let folder = data.split(separator: "/").last.map(String.init) ?? "model"
    var card = ModelCard(name: name ?? folder, command: Self.command, seed: seed)
    if let path = self.card { try Self.metadata(path).apply(to: &card) }
    return card
  }

  /// What a JSON file says for the card.
  private static func metadata(_ path: String) throws(RunError) -> ModelMetadata {
    let bytes: [UInt8]
    do throws(ReadingError) { bytes = try readFile(FilePath(argument: path)) } catch {
      throw .aborted("--card \(path): \(error.reason)")
    }
    let decoder = JSONDecoder()
    let keys: [String]
    let metadata: ModelMetadata
    do {
      keys = try decoder.decode([String: AnyValue].self, from: Data(bytes)).keys.sorted()
      metadata = try decoder.decode(ModelMetadata.self, from: Data(bytes))
    } catch {
      throw .aborted(
        "--card \(path): expected a JSON object with string values, groups an array of objects")
    }
    let known = ["summary", "data", "license", "limitations", "groups"]
    // Former spellings of the last two.
    let accepted = known + ["licence", "limits"]
    if let other = keys.first(where: { !accepted.contains($0) }) {
      throw .aborted(
        "--card \(path): unknown key \"\(other)\"; known keys: \(known.joined(separator: ", "))")
    }
    return metadata
  }

  /// What a key holds, which is looked at later.
  private struct AnyValue: Decodable {
    init(from decoder: any Decoder) {}
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
