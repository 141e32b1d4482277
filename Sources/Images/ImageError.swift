/// Why an image could not be read or written: one line, without the file's name (the caller knows it).
public enum ImageError: Error, Sendable, Equatable {
  /// The bytes are of no format that is read here.
  case unknownFormat
  /// The file ends before its image does.
  case truncated(String)
  /// The file breaks its format's rules.
  case corrupt(String)
  /// The file is valid but uses what is not supported.
  case unsupported(String)
  /// The image is larger than the limits allow.
  case tooLarge(String)
  /// The operating system refused: what was tried and its `errno`.
  case system(String, errno: Int32)
}
