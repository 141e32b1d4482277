import Files
import FoundationEssentials
import Glibc

/// The list `explanation.json` of what `vision explain` wrote into a folder: files of an earlier run, perhaps
/// of another model, are not to stand beside those of this one.
struct WrittenFiles: Codable {
  static let name = "explanation.json"

  /// The model that they show.
  let model: String
  /// Their names, as seen from the folder.
  private(set) var files: [String] = []

  init(model: String) { self.model = model }

  mutating func add(_ name: String) { files.append(name) }

  /// Removes what an earlier list names and this one does not, and writes this one.
  func replace(in folder: FilePath) throws(RunError) {
    let path = folder.appending(Self.name.utf8)
    for name in Self.list(at: path)?.files ?? [] where !files.contains(name) && Self.isOurs(name) {
      _ = folder.appending(name.utf8).withCString { unlink($0) }
    }
    try writeText(try encodeJSON(object: self) + "\n", to: path)
  }

  /// - Throws: a usage error where the folder has a file of the list's name that is none.
  static func requireReplaceable(in folder: FilePath) throws(RunError) {
    try folder.appending(name.utf8).requireReplaceable { list(at: $0) != nil }
  }

  /// The list in a file; nil where it holds none.
  private static func list(at path: FilePath) -> WrittenFiles? {
    guard let text = try? readFile(path) else { return nil }
    return try? JSONDecoder().decode(WrittenFiles.self, from: Data(text))
  }

  /// Whether a list could have such a name without having been tampered with.
  private static func isOurs(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return name.hasSuffix(".png") && !parts.contains("..") && !parts.contains("")
      && (parts.count == 1 || parts.count == 2 && parts[0] == "feature-maps")
  }
}
