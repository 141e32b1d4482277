import Files

/// Why an image could not be read or written: one line, without the file's name (the caller knows it).
public enum ImageError: Error, Sendable, Equatable {
  /// The bytes are of no format that is read here.
  case unknownFormat
  /// The file is an image of another format, which is named.
  case foreignFormat(String)
  /// The file ends before its image does.
  case truncated(String)
  /// The file breaks its format's rules.
  case corrupt(String)
  /// The file is valid but uses what is not supported.
  case unsupported(String)
  /// The library that decodes the format is not installed.
  case missingLibrary(ImageFormat)
  /// The image is larger than the limits allow.
  case tooLarge(String)
  /// The caller asked for something that cannot be: a crop outside the image, a quality of 200.
  case invalidRequest(String)
  /// The operating system refused: what was tried and its `errno`.
  case system(String, errno: Int32)
}

extension ImageError: CustomStringConvertible {
  /// One line: what is wrong and, where something helps, what to do.
  public var description: String {
    if case .truncated = self {
      "\(reason); --lenient reads the rows that are there"
    } else {
      reason
    }
  }

  /// What is wrong, without advice: for readers that cannot be told to be lenient.
  package var reason: String {
    switch self {
    case .unknownFormat: "not a PNG, JPEG, WebP, GIF, BMP or TIFF image"
    case .foreignFormat(let name):
      "\(name) is not read here; save or export the image as JPEG or PNG"
    case .truncated(let what): "truncated: \(what)"
    case .corrupt(let what): "damaged: \(what)"
    case .unsupported(let what): "not supported: \(what)"
    case .missingLibrary(let format): Self.advice(for: format)
    case .tooLarge(let what): "too large: \(what)"
    case .invalidRequest(let what): what
    case .system(let what, let errno): "\(what): \(errorText(errno))"
    }
  }

  private static func advice(for format: ImageFormat) -> String {
    let (library, package) = format == .webp ? ("libwebp", "libwebp7") : ("libtiff", "libtiff6")
    return "\(format.displayName) needs \(library), which is not installed; "
      + "install it, on Debian with: apt install \(package)"
  }
}

/// How many rows a file lacks: `3 rows are missing`.
func missingRows(_ count: Int) -> String {
  "\(count) \(count == 1 ? "row is" : "rows are") missing"
}
