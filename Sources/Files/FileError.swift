/// Why a file could not be read or written: one line, without the file's name (the caller knows it).
public enum FileError: Error, Sendable, Equatable {
  /// The operating system refused: what was tried and its `errno`.
  case system(String, errno: Int32)
  /// A directory, a device or a pipe where only a regular file will do.
  case notRegular
}

extension FileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .system(let action, let code): "\(action): \(errorText(code))"
    case .notRegular: "not a regular file"
    }
  }
}
