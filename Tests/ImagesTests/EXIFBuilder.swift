/// Makes EXIF blocks by hand (CIPA DC-008), and looks into them.
enum EXIFBuilder {
  private struct Writer {
    let littleEndian: Bool

    func number(_ value: Int, _ count: Int) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return littleEndian ? bytes : bytes.reversed()
    }

    func entry(_ tag: Int, _ type: Int, _ value: [UInt8], count: Int = 1) -> [UInt8] {
      number(tag, 2) + number(type, 2) + number(count, 4) + value
        + [UInt8](repeating: 0, count: 4 - value.count)
    }

    var head: [UInt8] {
      (littleEndian ? [0x49, 0x49, 0x2A, 0] : [0x4D, 0x4D, 0, 0x2A]) + number(8, 4)
    }
  }

  /// A little- or big-endian TIFF structure with an orientation and a resolution per inch; with a comment of so many
  /// bytes, and with a place, where these are wanted.
  static func block(
    orientation: Int, littleEndian: Bool = true, comment: Int = 0, place: Bool = false,
    resolution: (across: Int, down: Int) = (300, 150)
  ) -> [UInt8] {
    let writer = Writer(littleEndian: littleEndian)
    let count = 4 + (comment > 0 ? 1 : 0) + (place ? 1 : 0)
    let values = 8 + 2 + 12 * count + 4
    var directory =
      writer.number(count, 2) + writer.entry(0x0112, 3, writer.number(orientation, 2))
      + writer.entry(0x011A, 5, writer.number(values, 4))
      + writer.entry(0x011B, 5, writer.number(values + 8, 4))
      + writer.entry(0x0128, 3, writer.number(2, 2))
    if comment > 0 {
      directory += writer.entry(0x013B, 2, writer.number(values + 16, 4), count: comment)
    }
    if place { directory += writer.entry(0x8825, 4, writer.number(values + 16 + comment, 4)) }
    var bytes =
      writer.head + directory + writer.number(0, 4) + writer.number(resolution.across, 4)
      + writer.number(1, 4) + writer.number(resolution.down, 4) + writer.number(1, 4)
      + [UInt8](repeating: 65, count: comment)
    if place {
      bytes +=
        writer.number(1, 2) + writer.entry(1, 2, Array("N\0".utf8), count: 2) + writer.number(0, 4)
    }
    return bytes
  }

  /// A block with sizes, a sensitivity of 400, a maker's note and a second directory that holds a thumbnail.
  static func block(
    width: Int, height: Int, makerNote: [UInt8], thumbnail: [UInt8], littleEndian: Bool
  ) -> [UInt8] {
    let writer = Writer(littleEndian: littleEndian)
    func long(_ tag: Int, _ value: Int) -> [UInt8] { writer.entry(tag, 4, writer.number(value, 4)) }
    let exposureStart = 8 + 2 + 4 * 12 + 4
    let noteStart = exposureStart + 2 + 4 * 12 + 4
    let secondStart = noteStart + makerNote.count
    let thumbnailStart = secondStart + 2 + 2 * 12 + 4
    let first =
      writer.number(4, 2) + long(0x0100, width) + long(0x0101, height)
      + writer.entry(0x0112, 3, writer.number(1, 2)) + long(0x8769, exposureStart)
      + writer.number(secondStart, 4)
    let note =
      makerNote.count > 4
      ? writer.number(noteStart, 4) : makerNote + [UInt8](repeating: 0, count: 4 - makerNote.count)
    let exposure =
      writer.number(4, 2) + writer.entry(0x8827, 3, writer.number(400, 2))
      + writer.entry(0x927C, 7, note, count: makerNote.count) + long(0xA002, width)
      + long(0xA003, height) + writer.number(0, 4)
    let second =
      writer.number(2, 2) + long(0x0201, thumbnailStart) + long(0x0202, thumbnail.count)
      + writer.number(0, 4)
    return writer.head + first + exposure + makerNote + second + thumbnail
  }

  /// The first value of each tag of the first directory and that of exposure, and of whatever directory comes next.
  static func tags(of block: [UInt8]) -> [Int: Int] {
    guard block.count > 8 else { return [:] }
    let littleEndian = block[0] == 0x49
    func number(_ place: Int, _ count: Int) -> Int {
      guard place + count <= block.count else { return 0 }
      let digits = Array(block[place..<place + count])
      return (littleEndian ? digits.reversed() : digits).reduce(0) { $0 << 8 | Int($1) }
    }
    var tags: [Int: Int] = [:]
    var waiting = [number(4, 4)]
    // A 0 says that no directory follows; others may still wait.
    while let start = waiting.popLast() {
      guard start > 0 else { continue }
      let count = number(start, 2)
      for index in 0..<count {
        let place = start + 2 + 12 * index
        let tag = number(place, 2)
        tags[tag] = number(place + 8, number(place + 2, 2) == 3 ? 2 : 4)
        if tag == 0x8769 { waiting.append(number(place + 8, 4)) }
      }
      waiting.append(number(start + 2 + 12 * count, 4))
    }
    return tags
  }
}
