/// Formats of images that cameras, browsers and editors write and that are not read here, told by a file's first
/// bytes.
enum ForeignFormat: String {
  case heic = "HEIC"
  case avif = "AVIF"
  case jpegXL = "JPEG XL"
  case jpeg2000 = "JPEG 2000"
  case psd = "PSD"
  case openEXR = "OpenEXR"
  case ico = "ICO"
  case svg = "SVG"
  case pdf = "PDF"
  case video = "Video"

  /// - Parameter bytes: ``ImageFormat/sniffedByteCount`` of them, or the whole file.
  init?(sniffing bytes: [UInt8]) {
    if let brand = Self.brand(bytes) {
      self = brand
    } else if let known = Self.signatures.first(where: { bytes.starts(with: $0.bytes) }) {
      self = known.format
    } else {
      return nil
    }
  }

  private static let signatures: [(bytes: [UInt8], format: Self)] = [
    ([0xFF, 0x0A], .jpegXL), ([0, 0, 0, 12] + "JXL ".utf8, .jpegXL),
    ([0xFF, 0x4F, 0xFF, 0x51], .jpeg2000), ([0, 0, 0, 12] + "jP  ".utf8, .jpeg2000),
    (Array("8BPS".utf8), .psd), ([0x76, 0x2F, 0x31, 0x01], .openEXR), ([0, 0, 1, 0], .ico),
    (Array("<svg".utf8), .svg), (Array("<?xml".utf8), .svg), (Array("%PDF".utf8), .pdf),
  ]

  /// By the brand of an ISO media file (ISO/IEC 14496-12, section 4.3).
  private static func brand(_ bytes: [UInt8]) -> Self? {
    guard bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) else { return nil }
    let brand = String(decoding: bytes[8..<12], as: UTF8.self)
    if ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"].contains(brand) { return .heic }
    return brand.hasPrefix("avi") ? .avif : .video
  }
}

extension ImageError {
  /// Why a file of no format that is read here cannot be read.
  ///
  /// - Parameter bytes: the first ``ImageFormat/sniffedByteCount`` of the file, or all of it.
  package static func unread(_ bytes: [UInt8]) -> ImageError {
    if bytes.isEmpty { return .corrupt("the file is empty") }
    return ForeignFormat(sniffing: bytes).map { .foreignFormat($0.rawValue) } ?? .unknownFormat
  }
}
