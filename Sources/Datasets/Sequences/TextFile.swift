import Files
import Glibc

/// A text in a file.
public enum TextFile {
  /// - Throws: where it cannot be read, is not UTF-8, or is empty.
  public static func read(_ path: String) throws(UnreadableExample) -> String {
    let bytes: [UInt8]
    do throws(DatasetError) { bytes = try DataFile.contents(path) } catch {
      if case .system(_, let code) = error { throw UnreadableExample(errorText(code)) }
      throw UnreadableExample("cannot be read")
    }
    return try text(bytes)
  }

  /// The paths of all `.txt` files in a directory, at any depth, sorted; nil of what is no directory.
  public static func paths(in path: String) -> [String]? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    return paths(in: path, depth: 0)
  }

  /// Links may lead in a circle: no one lays texts deeper.
  private static func paths(in path: String, depth: Int) -> [String] {
    guard depth < 32, let entries = try? ImageFolder().entries(of: path) else { return [] }
    return entries.flatMap { entry in
      entry.isFolder
        ? paths(in: entry.path, depth: depth + 1)
        : entry.name.lowercased().hasSuffix(".txt") ? [entry.path] : []
    }
  }

  /// The text that some bytes are.
  public static func text(_ bytes: [UInt8]) throws(UnreadableExample) -> String {
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw UnreadableExample("is not a text in UTF-8")
    }
    guard text.contains(where: { !$0.isWhitespace }) else { throw UnreadableExample("is empty") }
    return text
  }
}
