/// An EXIF block: a TIFF structure of directories (CIPA DC-008, section 4.6), read into its entries and written anew.
///
/// Only what describes the photo is taken: the first directory and those of exposure, place and interoperability. The
/// second directory, which holds the thumbnail, maker's notes, whose previews nobody can find, and whatever else holds a
/// coded image are left behind: they would show the image as it was before a filter.
struct EXIF {
  /// One entry: its tag, type, number of values, and these in the block's byte order.
  private struct Entry {
    let tag: Int
    let type: Int
    let count: Int
    var value: [UInt8]
  }

  private let isLittleEndian: Bool
  private var image: [Entry]
  private var exposure: [Entry]?
  private var place: [Entry]?
  private var interoperability: [Entry]?
  /// Whether something was left behind that the block held.
  private(set) var lostImages = false

  /// What precedes the block in a JPEG's APP1 segment.
  static let jpegPrefix: [UInt8] = Array("Exif\0\0".utf8)

  private enum Tag {
    static let width = 0x0100
    static let height = 0x0101
    static let orientation = 0x0112
    static let horizontalResolution = 0x011A
    static let verticalResolution = 0x011B
    static let resolutionUnit = 0x0128
    static let exposure = 0x8769
    static let place = 0x8825
    static let makerNote = 0x927C
    static let exposureWidth = 0xA002
    static let exposureHeight = 0xA003
    static let interoperability = 0xA005

    /// Where image data lie and how they are stored, other blocks of metadata, further directories: nothing of it
    /// holds for another file.
    static let ofTheFile: Set<Int> = [
      0x00FE, 0x00FF, 0x0102, 0x0103, 0x0106, 0x0111, 0x0115, 0x0116, 0x0117, 0x011C, 0x013D,
      0x0140, 0x0142, 0x0143, 0x0144, 0x0145, 0x014A, 0x0152, 0x0153, 0x015B, 0x0200, 0x0201,
      0x0202, 0x0203, 0x0205, 0x0206, 0x0207, 0x0208, 0x0209, 0x0212, 0x02BC, 0x83BB, 0x8649,
      0x8773, makerNote, 0xC634,
    ]
  }

  /// Bytes of a value by its type (TIFF 6.0, section 2).
  private static let sizes = [
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
  ]

  /// Nil when the bytes are no TIFF structure with a first directory inside them. JPEG's prefix may stand before it.
  init?(_ bytes: [UInt8]) {
    guard let block = Block(bytes.starts(with: Self.jpegPrefix) ? Array(bytes.dropFirst(6)) : bytes)
    else { return nil }
    isLittleEndian = block.isLittleEndian
    guard let directory = block.directory(at: block.number(4, 4)) else { return nil }
    lostImages = directory.next != 0
    func entries(at pointer: Int, in parent: [Entry]) -> [Entry]? {
      guard let entry = parent.first(where: { $0.tag == pointer }), entry.value.count >= 4 else {
        return nil
      }
      return block.directory(at: block.number(of: Array(entry.value[..<4])))?.entries
    }
    let exposure = entries(at: Tag.exposure, in: directory.entries)
    place = entries(at: Tag.place, in: directory.entries)
    interoperability = exposure.flatMap { entries(at: Tag.interoperability, in: $0) }
    image = directory.entries
    self.exposure = exposure
    lostImages =
      lostImages || [image, exposure ?? []].joined().contains { $0.tag == Tag.makerNote }
    func kept(_ entries: [Entry]) -> [Entry] { entries.filter { Self.isKept($0) } }
    image = kept(image)
    self.exposure = self.exposure.map(kept)
    place = place.map(kept)
    interoperability = interoperability.map(kept)
    // Entries may share their values, but not so often that a small block becomes a large one.
    guard self.bytes.count <= 2 * bytes.count + 4096 else { return nil }
  }

  private static func isKept(_ entry: Entry) -> Bool {
    let pointers = [Tag.exposure, Tag.place, Tag.interoperability]
    return !Tag.ofTheFile.contains(entry.tag) && !pointers.contains(entry.tag)
      && !holdsImage(entry.value)
  }

  /// Whether the beginning of a JPEG or PNG is among the bytes.
  private static func holdsImage(_ bytes: [UInt8]) -> Bool {
    let starts: [[UInt8]] = [[0xFF, 0xD8, 0xFF], Array(PNGHeader.signature.prefix(4))]
    return starts.contains { bytes.firstIndex(of: $0) != nil }
  }

  // MARK: - What it says

  /// How the image must be turned; upright when the block does not say or says nonsense.
  var orientation: Orientation {
    number(Tag.orientation, in: image).flatMap(Orientation.init(rawValue:)) ?? .upright
  }

  /// The resolution, when both directions and a unit of length are given.
  var resolution: Resolution? {
    guard let horizontal = rational(Tag.horizontalResolution),
      let vertical = rational(Tag.verticalResolution), horizontal > 0, vertical > 0
    else { return nil }
    let unitsPerMeter: Double
    switch number(Tag.resolutionUnit, in: image) ?? 2 {
    case 2: unitsPerMeter = 1 / 0.0254
    case 3: unitsPerMeter = 100
    default: return nil
    }
    return Resolution(horizontal: horizontal * unitsPerMeter, vertical: vertical * unitsPerMeter)
  }

  /// Whether a place is given.
  var hasPlace: Bool { place?.isEmpty == false }

  // MARK: - What is changed

  /// Says that the pixels are upright; where that took a quarter turn, the resolutions change places.
  mutating func turnUpright() {
    if orientation.swapsAxes,
      let across = image.firstIndex(where: { $0.tag == Tag.horizontalResolution }),
      let down = image.firstIndex(where: { $0.tag == Tag.verticalResolution })
    {
      (image[across].value, image[down].value) = (image[down].value, image[across].value)
    }
    set(Tag.orientation, 1, in: &image)
  }

  /// Says that the pixels need not be turned, whatever it said before.
  mutating func resetOrientation() { set(Tag.orientation, 1, in: &image) }

  /// Says how large the image is, where that is said at all.
  mutating func setSize(width: Int, height: Int) {
    set(Tag.width, width, in: &image)
    set(Tag.height, height, in: &image)
    guard var entries = exposure else { return }
    set(Tag.exposureWidth, width, in: &entries)
    set(Tag.exposureHeight, height, in: &entries)
    exposure = entries
  }

  mutating func removePlace() { place = nil }

  /// Sets a whole number of one value, where it is given and fits.
  private func set(_ tag: Int, _ number: Int, in entries: inout [Entry]) {
    guard let index = entries.firstIndex(where: { $0.tag == tag }), entries[index].count == 1,
      [3, 4].contains(entries[index].type)
    else { return }
    let size = entries[index].value.count
    guard number >> (8 * size) == 0 else {
      entries.remove(at: index)
      return
    }
    entries[index].value = bytes(number, size)
  }

  private func number(_ tag: Int, in entries: [Entry]) -> Int? {
    guard let entry = entries.first(where: { $0.tag == tag }), [3, 4].contains(entry.type),
      let size = Self.sizes[entry.type], entry.value.count >= size
    else { return nil }
    return number(Array(entry.value[..<size]))
  }

  private func rational(_ tag: Int) -> Double? {
    guard let entry = image.first(where: { $0.tag == tag }), entry.value.count >= 8 else {
      return nil
    }
    let denominator = number(Array(entry.value[4..<8]))
    return denominator == 0 ? nil : Double(number(Array(entry.value[..<4]))) / Double(denominator)
  }

  private func number(_ digits: [UInt8]) -> Int {
    (isLittleEndian ? digits.reversed() : digits).reduce(0) { $0 << 8 | Int($1) }
  }

  // MARK: - Writing

  /// The block without JPEG's prefix: each directory is followed by the values that do not fit into its entries, then
  /// by the directories that it points to.
  var bytes: [UInt8] {
    var result: [UInt8] = isLittleEndian ? [0x49, 0x49, 0x2A, 0] : [0x4D, 0x4D, 0, 0x2A]
    result += bytes(8, 4)
    append(image, [(Tag.exposure, exposure, true), (Tag.place, place, false)], to: &result)
    return result
  }

  private func append(
    _ entries: [Entry], _ children: [(tag: Int, entries: [Entry]?, isExposure: Bool)],
    to block: inout [UInt8]
  ) {
    let children = children.filter { $0.entries != nil }
    let pointers = children.map { Entry(tag: $0.tag, type: 4, count: 1, value: bytes(0, 4)) }
    let all = (entries + pointers).sorted { $0.tag < $1.tag }
    let start = block.count
    block += bytes(all.count, 2)
    var values: [UInt8] = []
    let valuesStart = start + 2 + 12 * all.count + 4
    for entry in all {
      block += bytes(entry.tag, 2) + bytes(entry.type, 2) + bytes(entry.count, 4)
      if entry.value.count <= 4 {
        block += entry.value + [UInt8](repeating: 0, count: 4 - entry.value.count)
      } else {
        block += bytes(valuesStart + values.count, 4)
        values += entry.value + (entry.value.count % 2 == 0 ? [] : [0])
      }
    }
    block += bytes(0, 4) + values
    for child in children {
      guard let index = all.firstIndex(where: { $0.tag == child.tag }) else { continue }
      let place = start + 2 + 12 * index + 8
      block.replaceSubrange(place..<place + 4, with: bytes(block.count, 4))
      append(
        child.entries ?? [],
        child.isExposure ? [(Tag.interoperability, interoperability, false)] : [], to: &block)
    }
  }

  private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    let digits = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return isLittleEndian ? digits : digits.reversed()
  }

  // MARK: - Reading

  /// The bytes as they were stored.
  private struct Block {
    let bytes: [UInt8]
    let isLittleEndian: Bool

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
    }

    /// The entries of the directory at `start` and where the next begins (0 for none); nil where there is none.
    /// Entries whose values lie outside the block are left out.
    func directory(at start: Int) -> (entries: [Entry], next: Int)? {
      guard start >= 8, start + 2 <= bytes.count else { return nil }
      let first = start + 2
      let count = min(number(start, 2), (bytes.count - first) / 12)
      let end = first + 12 * count
      let next = end + 4 <= bytes.count ? number(end, 4) : 0
      return ((0..<count).compactMap { entry(at: first + 12 * $0) }, next)
    }

    private func entry(at place: Int) -> Entry? {
      let (tag, type, count) = (number(place, 2), number(place + 2, 2), number(place + 4, 4))
      guard let size = EXIF.sizes[type] else { return nil }
      let length = size * count
      let start = length <= 4 ? place + 8 : number(place + 8, 4)
      guard start + length <= bytes.count else { return nil }
      return Entry(tag: tag, type: type, count: count, value: Array(bytes[start..<start + length]))
    }

    func number(_ place: Int, _ count: Int) -> Int {
      number(of: Array(bytes[place..<place + count]))
    }

    func number(of digits: [UInt8]) -> Int {
      (isLittleEndian ? digits.reversed() : digits).reduce(0) { $0 << 8 | Int($1) }
    }
  }
}

extension [UInt8] {
  /// Where a run of bytes first begins.
  func firstIndex(of pattern: [UInt8], from start: Int = 0) -> Int? {
    guard let head = pattern.first, count >= pattern.count else { return nil }
    var index = start
    while index <= count - pattern.count {
      guard let found = self[index...].firstIndex(of: head), found <= count - pattern.count else {
        return nil
      }
      if self[found..<found + pattern.count].elementsEqual(pattern) { return found }
      index = found + 1
    }
    return nil
  }
}
