/// The bytes of a pickle, read one after the other.
struct PickleReader {
  private let bytes: UnsafeRawBufferPointer
  /// The byte behind the last one read.
  private(set) var position: Int
  private let end: Int

  /// The most bytes of a pickle: those of networks take some 200 for each tensor.
  static let largest = 4 << 20

  /// - Parameter position: where in `bytes` the pickle begins.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    self.bytes = bytes
    self.position = position
    end = min(bytes.count, position + Self.largest)
  }

  func error(_ what: String) -> ModelFileError {
    .corrupt("\(what) at byte \(position) of the pickle", format: PyTorchFile.format)
  }

  mutating func byte() throws(ModelFileError) -> UInt8 {
    guard position < end else { throw ended() }
    position += 1
    return bytes[position - 1]
  }

  private func ended() -> ModelFileError {
    end < bytes.count
      ? .unsupported("a pickle of more than \(Self.largest >> 20) MiB")
      : .truncated("the pickle does not end")
  }

  /// A little-endian number.
  mutating func number(bytes count: Int) throws(ModelFileError) -> UInt64 {
    var number: UInt64 = 0
    for index in 0..<count { number |= UInt64(try byte()) << UInt64(8 * index) }
    return number
  }

  /// A count of bytes that follow; it may be of more than there are.
  mutating func count(bytes: Int) throws(ModelFileError) -> Int {
    Int(clamping: try number(bytes: bytes))
  }

  mutating func take(_ count: Int) throws(ModelFileError) -> UnsafeRawBufferPointer {
    guard count <= end - position else { throw ended() }
    position += count
    // Within the bytes, as just checked.
    return UnsafeRawBufferPointer(rebasing: bytes[position - count..<position])
  }

  /// Text up to the end of a line.
  mutating func line() throws(ModelFileError) -> String {
    let start = position
    while try byte() != UInt8(ascii: "\n") {}
    return String(decoding: bytes[start..<position - 1], as: UTF8.self)
  }
}
