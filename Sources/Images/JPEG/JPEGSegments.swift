/// The index of the images in a file of several (CIPA DC-007, *Multi-Image Format*).
enum MultiPicture {
  /// How many images an APP2 segment says there are; nil for another segment.
  static func imageCount(_ segment: [UInt8]) -> Int? {
    let numberOfImages = 0xB001
    guard segment.starts(with: Array("MPF\0".utf8)) else { return nil }
    let isLittleEndian = segment.count > 4 && segment[4] == 0x49
    func number(_ place: Int, _ count: Int) -> Int? {
      guard place >= 4, place + count <= segment.count else { return nil }
      let digits = Array(segment[place..<place + count])
      return (isLittleEndian ? digits.reversed() : digits).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let offset = number(8, 4), let entries = number(4 + offset, 2) else { return nil }
    let places = (0..<min(entries, 100)).map { 4 + offset + 2 + 12 * $0 }
    return places.first { number($0, 2) == numberOfImages }.flatMap { number($0 + 8, 4) }
      .map { min($0, 10_000) }
  }
}

/// An ICC profile, cut into APP2 segments: a name, the segment's number from 1, their count, and a part
/// (ICC.1:2022, annex B.4).
struct JPEGProfileParts {
  private static let prefix: [UInt8] = Array("ICC_PROFILE\0".utf8)
  private var parts: [Int: ArraySlice<UInt8>] = [:]
  private var count = 0

  mutating func add(_ segment: [UInt8]) {
    guard segment.count >= 14, segment.starts(with: Self.prefix) else { return }
    count = Int(segment[13])
    parts[Int(segment[12])] = segment[14...]
  }

  /// Whether there are parts, but not all.
  var isIncomplete: Bool { count > 0 && joined() == nil }

  /// The whole profile; nil when a part is missing.
  func joined() -> [UInt8]? {
    guard count > 0 else { return nil }
    var profile: [UInt8] = []
    for number in 1...count {
      guard let part = parts[number] else { return nil }
      profile += part
    }
    return profile.isEmpty ? nil : profile
  }
}
