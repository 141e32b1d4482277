import Files

/// Why a model file could not be read, written or found: one line, without the file's name where the
/// caller gave it.
public enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The operating system refused: what was tried and its `errno`.
  case system(String, errno: Int32)
  /// The file ends before its tensors do.
  case truncated(String)
  /// The file breaks its format's rules.
  case corrupt(String, format: String = "safetensors")
  /// The file is valid but uses what is not supported.
  case unsupported(String)
  /// The file lacks what a model of ours holds.
  case incomplete(String)
  /// What was to be written breaks the format's rules.
  case unwritable(String)
  /// No model of that name: what was looked for, what there is.
  case notFound(String)

  public var description: String {
    switch self {
    case .system(let action, let code): "\(action): \(errorText(code))"
    case .truncated(let what): "the file is cut short: \(what)"
    case .corrupt(let what, let format): "not a valid \(format) file: \(what)"
    case .unsupported(let what): "not supported: \(what)"
    case .incomplete(let what), .unwritable(let what), .notFound(let what): what
    }
  }
}

extension ModelFileError {
  /// What the file system refused.
  package init(_ error: FileError) {
    switch error {
    case .system(let action, let code): self = .system(action, errno: code)
    case .notRegular:
      self = .unsupported("only regular files can be read; this is a directory or a device")
    }
  }
}

/// Maps a file into memory.
func mapFile(_ path: String) throws(ModelFileError) -> MappedFile {
  do { return try MappedFile(path: path) } catch { throw ModelFileError(error) }
}
