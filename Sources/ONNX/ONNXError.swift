import ModelFiles

/// Why an ONNX file could not be read, or a network could not be written as one: one line, without
/// the file's name.
public enum ONNXError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file could not be opened or written.
  case file(ModelFileError)
  /// The file is no ONNX file, or breaks the format's rules.
  case invalid(String)
  /// The file is valid, but uses what is not supported.
  case unsupported(String)
  /// What the network was asked to take does not fit it.
  case mismatch(String)
  /// An input whose elements must be known before anything is computed, such as a shape.
  case needsValue(ofInput: String)

  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .invalid(let what): "not a valid ONNX file: \(what)"
    case .unsupported(let what): "not supported: \(what)"
    case .mismatch(let what): what
    case .needsValue(let input):
      "shapes depend on the input \(input); its value must be known at build time"
    }
  }
}
