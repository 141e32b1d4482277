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
