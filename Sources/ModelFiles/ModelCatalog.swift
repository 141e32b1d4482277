import Files
import Glibc

/// The bundled models, and where they are.
///
/// Looked for, in this order: the folders that the environment variable `VISION_MODELS` names (several
/// parted by colons; nothing else is searched then), `share/vision/models` of the prefix that the
/// command is installed in, and `assets/models` of the checkout that it was built in.
public struct ModelCatalog: Sendable {
  /// One model file.
  public struct Entry: Sendable, Equatable {
    /// The file's name without its extension.
    public var name: String
    public var path: String
    /// The file's size in bytes.
    public var byteCount: Int
  }

  /// The folders that are searched, first match first.
  public let folders: [String]
  /// The models found, by name.
  public let entries: [Entry]

  /// - Parameters:
  ///   - searchPath: folders parted by colons; the environment's `VISION_MODELS` unless told.
  ///   - executable: the path of the running command.
  public init(
    searchPath: String? = ModelCatalog.environmentSearchPath,
    executable: String = ModelCatalog.executablePath
  ) {
    if let searchPath, !searchPath.isEmpty {
      folders = searchPath.split(separator: ":").map(String.init)
    } else {
      folders = Self.folders(near: executable)
    }
    var found: [String: Entry] = [:]
    for folder in folders {
      for entry in Self.models(in: folder) where found[entry.name] == nil {
        found[entry.name] = entry
      }
    }
    entries = found.values.sorted { $0.name < $1.name }
  }

  /// The path of a model, from its name in the catalog or from its own path.
  ///
  /// Anything else is a path if it names an existing file or holds a slash or a
  /// dot.
  public func path(for nameOrPath: String) throws(ModelFileError) -> String {
    if let entry = entries.first(where: { $0.name == nameOrPath }) { return entry.path }
    var status = stat()
    if stat(nameOrPath, &status) == 0 { return nameOrPath }
    if nameOrPath.contains("/") || nameOrPath.contains(".") {
      throw .notFound("no such model file \(nameOrPath)")
    }
    guard !entries.isEmpty else {
      let places = folders.isEmpty ? "" : " in \(folders.joined(separator: ", "))"
      throw .notFound(
        "no such model \(nameOrPath): no models were found\(places); "
          + "set VISION_MODELS to the directory of the models")
    }
    throw .notFound(
      "no such model \(nameOrPath); bundled models: "
        + "\(entries.map(\.name).joined(separator: ", ")); or pass the path of a model file")
  }

  /// The value of the environment variable `VISION_MODELS`.
  public static var environmentSearchPath: String? {
    getenv("VISION_MODELS").map { String(cString: $0) }
  }

  /// The path of the running command, links resolved.
  public static var executablePath: String {
    guard let resolved = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// PREFIX/bin/vision → PREFIX/share/vision/models; CHECKOUT/.build/…/vision → CHECKOUT/assets/models.
  private static func folders(near executable: String) -> [String] {
    var parts = executable.split(separator: "/").dropLast()
    var folders: [String] = []
    let prefix = parts.dropLast()
    folders.append(path(prefix + ["share", "vision", "models"]))
    folders.append(path(parts + ["assets", "models"]))
    // A build lies a few levels deep: .build/x86_64-unknown-linux-gnu/release.
    for _ in 0..<5 where !parts.isEmpty {
      parts = parts.dropLast()
      folders.append(path(parts + ["assets", "models"]))
    }
    return folders.filter { folder in
      var status = stat()
      return stat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
  }

  private static func path(_ parts: ArraySlice<Substring>) -> String {
    "/" + parts.joined(separator: "/")
  }

  private static func models(in folder: String) -> [Entry] {
    guard let names = try? Directory.names(in: Array(folder.utf8)) else { return [] }
    var entries: [Entry] = []
    for bytes in names {
      guard let name = String(validating: bytes, as: UTF8.self) else { continue }
      let path = folder + "/" + name
      var status = stat()
      guard name.hasSuffix(".safetensors"), !name.hasPrefix("."), stat(path, &status) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      entries.append(
        Entry(
          name: String(name.dropLast(".safetensors".count)), path: path,
          byteCount: Int(status.st_size)))
    }
    return entries
  }
}
