import Files

/// The directory of a zip archive (PKWARE's APPNOTE 6.3), 64-bit sizes included. Files are stored or
/// deflated; nothing is unpacked before it is asked for.
struct ZipArchive: Sendable {
  /// One file.
  struct Entry: Sendable {
    var name: String
    var isDeflated: Bool
    var checksum: UInt32
    /// Bytes that it takes in the archive.
    var packedCount: Int
    /// Bytes that it holds.
    var count: Int
    /// Where its bytes lie in the archive.
    var start: Int
  }

  /// The files by their names.
  private(set) var entries: [String: Entry] = [:]

  /// Reads the directory.
  init(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    let reader = ZipReader(bytes: bytes)
    var (place, count) = try reader.directory()
    for _ in 0..<count {
      let (header, next) = try reader.entry(at: place)
      place = next
      guard header.name.last != "/" else { continue }
      guard entries.updateValue(header, forKey: header.name) == nil else {
        throw ZipReader.corrupt("the archive names \"\(header.name)\" twice")
      }
    }
  }

  /// A deflated file's contents; its checksum is looked at.
  static func unpack(
    _ entry: Entry, of archive: UnsafeRawBufferPointer
  ) throws(ModelFileError) -> [UInt8] {
    // A gzip stream is a header of 10 bytes, the same deflated bytes, checksum and count.
    let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    let tail = [entry.checksum, UInt32(truncatingIfNeeded: entry.count)].flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let packed = Array(archive[entry.start..<entry.start + entry.packedCount])
    var contents = [UInt8](repeating: 0, count: entry.count)
    let failure = ZipReader.corrupt("the archive's file \"\(entry.name)\" is damaged")
    guard let inflater = try? Inflater(gzip: true) else { throw failure }
    var (done, status) = (0, Inflater.Status.more)
    for piece in [head, packed, tail] {
      var taken = 0
      while taken < piece.count {
        let step = piece.withUnsafeBytes { input in
          contents.withUnsafeMutableBytes { output in
            inflater.run(
              UnsafeRawBufferPointer(rebasing: input[taken...]),
              into: UnsafeMutableRawBufferPointer(rebasing: output[done...]))
          }
        }
        taken += step.consumed
        done += step.produced
        status = step.status
        guard status == .more || status == .done, step.consumed + step.produced > 0 else {
          throw failure
        }
        if status == .done { break }
      }
    }
    guard status == .done, done == entry.count else { throw failure }
    return contents
  }
}

/// Reads the records of a zip archive, each number checked against the archive's end.
private struct ZipReader {
  let bytes: UnsafeRawBufferPointer

  static func corrupt(_ what: String) -> ModelFileError {
    .corrupt(what, format: PyTorchFile.format)
  }

  /// A little-endian number; beyond what an `Int` holds, the largest.
  private func number(_ place: Int, _ size: Int) throws(ModelFileError) -> Int {
    guard place >= 0, place <= bytes.count - size else {
      throw .truncated("the archive's directory does not end")
    }
    var number: UInt64 = 0
    for index in 0..<size { number |= UInt64(bytes[place + index]) << UInt64(8 * index) }
    return Int(clamping: number)
  }

  /// Where the directory's first entry lies, and how many it has.
  func directory() throws(ModelFileError) -> (place: Int, count: Int) {
    // The last record is of 22 bytes and a comment.
    var end = bytes.count - 22
    let earliest = max(0, end - 65_535)
    while end >= earliest, try number(end, 4) != 0x0605_4B50 { end -= 1 }
    guard end >= earliest else { throw .truncated("the archive's directory is missing") }
    var (count, place) = (try number(end + 10, 2), try number(end + 16, 4))
    if end >= 20, try number(end - 20, 4) == 0x0706_4B50 {
      let wide = try number(end - 12, 8)
      guard try number(wide, 4) == 0x0606_4B50 else {
        throw Self.corrupt("the archive's directory is damaged")
      }
      (count, place) = (try number(wide + 32, 8), try number(wide + 48, 8))
    }
    guard count <= bytes.count / 46 else {
      throw .truncated("the archive's directory does not end")
    }
    return (place, count)
  }

  /// An entry of the directory, and where the next one lies.
  func entry(at place: Int) throws(ModelFileError) -> (entry: ZipArchive.Entry, next: Int) {
    guard try number(place, 4) == 0x0201_4B50 else {
      throw Self.corrupt("the archive's directory is damaged")
    }
    let (nameCount, extraCount) = (try number(place + 28, 2), try number(place + 30, 2))
    let nameStart = place + 46
    let next = nameStart + nameCount + extraCount + (try number(place + 32, 2))
    guard next <= bytes.count else { throw .truncated("the archive's directory does not end") }
    let name = String(decoding: bytes[nameStart..<nameStart + nameCount], as: UTF8.self)
    let method = try number(place + 10, 2)
    guard method == 0 || method == 8, try number(place + 8, 2) & 1 == 0 else {
      throw .unsupported(
        "the archive's file \"\(name)\" is encrypted or packed by method \(method)")
    }
    var sizes = [
      try number(place + 24, 4), try number(place + 20, 4), try number(place + 42, 4),
    ]
    try widen(&sizes, from: nameStart + nameCount, count: extraCount)
    let (count, packedCount, header) = (sizes[0], sizes[1], sizes[2])
    guard try number(header, 4) == 0x0403_4B50 else {
      throw Self.corrupt("the archive's file \"\(name)\" is not where the directory says")
    }
    let start = header + 30 + (try number(header + 26, 2)) + (try number(header + 28, 2))
    guard start <= bytes.count, packedCount <= bytes.count - start else {
      throw .truncated("the archive's file \"\(name)\" takes more bytes than are there")
    }
    // Deflated weights are little smaller; what grows so much was made to fill the memory.
    guard method == 0 ? count == packedCount : count / 100 <= packedCount + 10_000 else {
      throw Self.corrupt("the archive's file \"\(name)\" cannot hold \(count) bytes")
    }
    return (
      ZipArchive.Entry(
        name: name, isDeflated: method == 8,
        checksum: UInt32(truncatingIfNeeded: try number(place + 16, 4)),
        packedCount: packedCount, count: count, start: start), next
    )
  }

  /// Replaces those of size, packed size and place that do not fit 32 bits by the ones of the entry's
  /// extra field 1.
  private func widen(
    _ sizes: inout [Int], from start: Int, count: Int
  ) throws(ModelFileError) {
    var place = start
    while place + 4 <= start + count {
      let (kind, length) = (try number(place, 2), try number(place + 2, 2))
      if kind == 1 {
        var value = place + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          guard value + 8 <= place + 4 + length else { break }
          sizes[index] = try number(value, 8)
          value += 8
        }
      }
      place += 4 + length
    }
  }
}
