/// Makes EXIF blocks by hand (CIPA DC-008).
enum EXIFBuilder {
  /// A little- or big-endian TIFF structure with an orientation and a resolution of 300 × 150 per inch.
  static func block(orientation: Int, littleEndian: Bool = true) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return littleEndian ? bytes : bytes.reversed()
    }
    func entry(_ tag: Int, _ type: Int, _ value: [UInt8]) -> [UInt8] {
      number(tag, 2) + number(type, 2) + number(1, 4) + value
        + [UInt8](repeating: 0, count: 4 - value.count)
    }
    let directory =
      number(4, 2) + entry(0x0112, 3, number(orientation, 2)) + entry(0x011A, 5, number(62, 4))
      + entry(0x011B, 5, number(70, 4)) + entry(0x0128, 3, number(2, 2)) + number(0, 4)
    return (littleEndian ? [0x49, 0x49, 0x2A, 0] : [0x4D, 0x4D, 0, 0x2A]) + number(8, 4) + directory
      + number(300, 4) + number(1, 4) + number(150, 4) + number(1, 4)
  }
}
