/// The file formats that are read; those in ``writable`` are written, too.
///
/// A file's format is told from its bytes, never from its name.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
  case png
  case jpeg
  case webp
  case gif
  case bmp
  case tiff

  /// The formats that are written.
  public static let writable: [ImageFormat] = [.png, .jpeg, .webp]

  public var isWritable: Bool { Self.writable.contains(self) }

  /// Its name for people.
  public var displayName: String { self == .webp ? "WebP" : rawValue.uppercased() }

  /// What a file of this format is usually named, without the dot.
  public var fileExtension: String {
    switch self {
    case .jpeg: "jpg"
    case .tiff: "tif"
    default: rawValue
    }
  }

  /// The endings of names that belong to this format, in lower case.
  private var fileExtensions: [String] {
    switch self {
    case .png: ["png", "apng"]
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif", "mpo"]
    case .webp: ["webp"]
    case .gif: ["gif"]
    case .bmp: ["bmp", "dib"]
    case .tiff: ["tif", "tiff"]
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
  public static let sniffedByteCount = 18

  /// Tells the format from the first bytes of a file; nil when it is none of these.
  public init?(sniffing bytes: some Collection<UInt8>) {
    if bytes.starts(with: PNGHeader.signature) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if WebPFile.begins(bytes) {
      self = .webp
    } else if GIFFile.signatures.contains(where: bytes.starts) {
      self = .gif
    } else if TIFFFile.signatures.contains(where: bytes.starts) {
      self = .tiff
    } else if BMPFile.begins(bytes) {
      self = .bmp
    } else {
      return nil
    }
  }
}
