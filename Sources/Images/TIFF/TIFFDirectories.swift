/// The directories of a TIFF, each an image: counted by following their chain, which libtiff takes long for where there are
/// very many.
struct TIFFDirectories {
  let count: Int

  /// More than this are not counted.
  private static let most = 10_000

  init(_ bytes: [UInt8]) {
    let isLittleEndian = bytes.first == 0x49
    let isBig = bytes.count > 3 && (bytes[2] == 43 || bytes[3] == 43)
    func number(_ place: Int, _ size: Int) -> Int? {
      guard place >= 0, place <= bytes.count - size else { return nil }
      let digits = bytes[place..<place + size]
      let value = (isLittleEndian ? Array(digits.reversed()) : Array(digits)).reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      return Int(exactly: value)
    }
    var seen: Set<Int> = []
    var next = isBig ? number(8, 8) : number(4, 4)
    while let place = next, place > 0, seen.count < Self.most,
      let entries = number(place, isBig ? 8 : 2), entries <= bytes.count,
      seen.insert(place).inserted
    {
      next = number(place + (isBig ? 8 + 20 * entries : 2 + 12 * entries), isBig ? 8 : 4)
    }
    count = max(1, seen.count)
  }
}
