/// The file formats that are read and written.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
  case png
  case jpeg

  /// What a file of this format is usually named, without the dot.
  public var fileExtension: String {
    switch self {
    case .png: "png"
    case .jpeg: "jpg"
    }
  }

  /// The endings of names that belong to this format, in lower case.
  private var fileExtensions: [String] {
    switch self {
    case .png: ["png"]
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    }
  }

  /// The format that the ending of a file's name promises; nil where it promises none of these.
  package init?(ending: some Collection<UInt8>) {
    let ending = String(decoding: ending, as: UTF8.self).lowercased()
    guard let format = Self.allCases.first(where: { $0.fileExtensions.contains(ending) }) else {
      return nil
    }
    self = format
  }

  /// How many bytes ``init(sniffing:)`` wants to see.
  public static let sniffedByteCount = 8

  /// Tells the format from the first bytes of a file; nil when it is none of these. The name of a
  /// file says nothing.
  public init?(sniffing bytes: some Collection<UInt8>) {
    if bytes.starts(with: PNGHeader.signature) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      return nil
    }
  }
}
