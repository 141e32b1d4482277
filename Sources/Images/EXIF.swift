/// What is read from, and changed in, an EXIF block: a TIFF structure whose first directory (IFD0) holds
/// orientation and resolution (CIPA DC-008, section 4.6).
struct EXIF {
  private(set) var bytes: [UInt8]
  private let isLittleEndian: Bool
  /// Where the first directory's entries, 12 bytes each, begin.
  private let entries: Int
  private let entryCount: Int

  /// What precedes the block in a JPEG's APP1 segment.
  static let jpegPrefix: [UInt8] = Array("Exif\0\0".utf8)

  private enum Tag {
    static let orientation = 0x0112
    static let horizontalResolution = 0x011A
    static let verticalResolution = 0x011B
    static let resolutionUnit = 0x0128
  }

  /// Nil when the bytes are no TIFF structure with a first directory inside them.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 14 else { return nil }
    if bytes.starts(with: [0x49, 0x49, 0x2A, 0]) {
      isLittleEndian = true
    } else if bytes.starts(with: [0x4D, 0x4D, 0, 0x2A]) {
      isLittleEndian = false
    } else {
      return nil
    }
    self.bytes = bytes
    let start = Self.value(bytes, 4, 4, isLittleEndian)
    guard start >= 8, start + 2 <= bytes.count else { return nil }
    entries = start + 2
    entryCount = min(Self.value(bytes, start, 2, isLittleEndian), (bytes.count - start - 2) / 12)
  }

  /// How the image must be turned; upright when the block does not say or says nonsense.
  var orientation: Orientation {
    guard let entry = entry(Tag.orientation) else { return .upright }
    return Orientation(rawValue: value(entry + 8, 2)) ?? .upright
  }

  /// The resolution, when both directions and a unit of length are given.
  var resolution: Resolution? {
    guard let horizontal = rational(Tag.horizontalResolution),
      let vertical = rational(Tag.verticalResolution), horizontal > 0, vertical > 0
    else { return nil }
    let unit = entry(Tag.resolutionUnit).map { value($0 + 8, 2) } ?? 2
    let unitsPerMetre: Double
    switch unit {
    case 2: unitsPerMetre = 1 / 0.0254
    case 3: unitsPerMetre = 100
    default: return nil
    }
    return Resolution(horizontal: horizontal * unitsPerMetre, vertical: vertical * unitsPerMetre)
  }

  /// Says that the pixels are upright.
  mutating func resetOrientation() {
    guard let entry = entry(Tag.orientation) else { return }
    bytes[entry + 8] = isLittleEndian ? 1 : 0
    bytes[entry + 9] = isLittleEndian ? 0 : 1
  }

  /// Where the directory's entry for `tag` begins.
  private func entry(_ tag: Int) -> Int? {
    (0..<entryCount).lazy.map { entries + 12 * $0 }.first { value($0, 2) == tag }
  }

  /// A rational that lies where its entry points.
  private func rational(_ tag: Int) -> Double? {
    guard let entry = entry(tag) else { return nil }
    let place = value(entry + 8, 4)
    guard place + 8 <= bytes.count else { return nil }
    let denominator = value(place + 4, 4)
    return denominator == 0 ? nil : Double(value(place, 4)) / Double(denominator)
  }

  private func value(_ place: Int, _ count: Int) -> Int {
    Self.value(bytes, place, count, isLittleEndian)
  }

  private static func value(
    _ bytes: [UInt8], _ place: Int, _ count: Int, _ isLittleEndian: Bool
  ) -> Int {
    let digits = bytes[place..<place + count]
    return isLittleEndian
      ? digits.reversed().reduce(0) { $0 << 8 | Int($1) } : digits.reduce(0) { $0 << 8 | Int($1) }
  }
}
