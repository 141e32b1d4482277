import Files
import Tensors

/// A safetensors file, opened: its header was read and checked, its tensors are read when asked for,
/// straight from the mapped file.
///
/// The format (huggingface/safetensors, "Format"): 8 bytes little-endian length of the header; the
/// header, a JSON object of `name: {dtype, shape, data_offsets}` with text under `__metadata__`; the
/// tensors' bytes, little-endian and row-major, without holes.
public struct Safetensors: Sendable {
  /// What the header says of one tensor.
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var type: ElementType
    public var shape: Shape
    /// Where its bytes lie behind the header.
    public var byteRange: Range<Int>
  }

  /// The tensors in the order in which their bytes lie.
  public let entries: [Entry]
  /// The file's `__metadata__`.
  public let metadata: [String: String]

  /// The largest header that is read: the limit of the reference implementation.
  static let maxHeaderBytes = 100_000_000

  private let file: MappedFile
  private let dataStart: Int
  private let indices: [String: Int]

  /// Opens a file and checks its whole header. Nothing is allocated for tensors.
  public init(path: String) throws(ModelFileError) {
    file = try mapFile(path)
    let bytes = file.bytes
    guard bytes.count >= 8 else {
      throw .truncated("\(bytes.count) bytes are less than the header's length takes")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.maxHeaderBytes) else {
      throw .corrupt("a header of \(length) bytes")
    }
    dataStart = 8 + Int(length)
    guard dataStart <= bytes.count else {
      throw .truncated("the header takes \(length) bytes, \(bytes.count - 8) are there")
    }
    guard length > 0, bytes[8] == UInt8(ascii: "{") else {
      throw .corrupt("the header is not a JSON object")
    }
    let header = try JSONHeader(parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]))
    (entries, metadata) = try Self.contents(of: header)
    try Self.check(entries, dataCount: bytes.count - dataStart)
    indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  /// The tensor of that name as floats, or nil where there is none.
  public subscript(name: String) -> Tensor? { deferred(name)?.tensor }

  /// The tensor of that name, to be read from the file when it is needed; nil where there is none.
  public func deferred(_ name: String) -> LazyTensor? {
    guard let index = indices[name] else { return nil }
    let (entry, file) = (entries[index], file)
    let (start, size) = (dataStart + entry.byteRange.lowerBound, entry.type.byteCount)
    return LazyTensor(entry.shape) { elements, target in
      // Within the mapping, which `file` keeps: the ranges were checked when the file was opened.
      let bytes = UnsafeRawBufferPointer(
        rebasing: file.bytes[
          start + elements.lowerBound * size..<start + elements.upperBound * size])
      entry.type.read(bytes, into: UnsafeMutableBufferPointer(start: target, count: elements.count))
    }
  }

  /// All tensors.
  public var tensors: TensorTable {
    var table = TensorTable()
    for entry in entries { table[entry.name] = self[entry.name] }
    return table
  }

  // MARK: The header

  private static func contents(
    of header: JSONHeader
  ) throws(ModelFileError) -> ([Entry], [String: String]) {
    guard case .object(let members) = header else {
      throw .corrupt("the header is not a JSON object")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for (name, value) in members {
      guard name == "__metadata__" else {
        entries.append(try entry(name, value))
        continue
      }
      guard case .object(let texts) = value else { throw .corrupt("__metadata__ is not an object") }
      for (key, value) in texts {
        guard case .string(let text) = value else {
          throw .corrupt("\"\(key)\" of __metadata__ is not a string")
        }
        metadata[key] = text
      }
    }
    entries.sort { first, second in
      (first.byteRange.lowerBound, first.byteRange.upperBound)
        < (second.byteRange.lowerBound, second.byteRange.upperBound)
    }
    return (entries, metadata)
  }

  private static func entry(
    _ name: String, _ value: JSONHeader
  ) throws(ModelFileError) -> Entry {
    guard case .object(let members) = value else { throw .corrupt("\"\(name)\" is not an object") }
    func member(_ key: String) throws(ModelFileError) -> JSONHeader {
      guard let member = members.first(where: { $0.key == key }) else {
        throw .corrupt("\"\(name)\" has no \(key)")
      }
      return member.value
    }
    guard case .string(let typeName) = try member("dtype") else {
      throw .corrupt("the dtype of \"\(name)\" is not a string")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw .unsupported("elements of type \(typeName), in tensor \"\(name)\"")
    }
    let shape = Shape(try wholeNumbers(try member("shape"), "shape", of: name))
    let offsets = try wholeNumbers(try member("data_offsets"), "data_offsets", of: name)
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw .corrupt("the data_offsets of \"\(name)\" are no range")
    }
    // `count` is the largest Int where the product is larger: no file holds that.
    let (size, overflow) = shape.count.multipliedReportingOverflow(by: type.byteCount)
    guard !overflow, size == offsets[1] - offsets[0] else {
      throw .corrupt(
        "\"\(name)\" of shape \(shape) and type \(typeName) does not take "
          + "\(offsets[1] - offsets[0]) bytes")
    }
    return Entry(name: name, type: type, shape: shape, byteRange: offsets[0]..<offsets[1])
  }

  private static func wholeNumbers(
    _ value: JSONHeader, _ key: String, of name: String
  ) throws(ModelFileError) -> [Int] {
    guard case .array(let elements) = value else {
      throw .corrupt("the \(key) of \"\(name)\" is not an array")
    }
    var numbers: [Int] = []
    for element in elements {
      guard case .number(let text) = element, let number = Int(text), number >= 0 else {
        throw .corrupt(
          "the \(key) of \"\(name)\" holds a value that is not a whole number from 0 up")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The tensors must cover the data from end to end, each byte once.
  private static func check(_ entries: [Entry], dataCount: Int) throws(ModelFileError) {
    var end = 0
    for entry in entries {
      let range = entry.byteRange
      guard range.upperBound <= dataCount else {
        throw .truncated(
          "\"\(entry.name)\" ends at byte \(range.upperBound) of the data, \(dataCount) are there")
      }
      guard range.lowerBound >= end else {
        throw .corrupt("\"\(entry.name)\" overlaps the tensor before it")
      }
      guard range.lowerBound == end else {
        throw .corrupt("\(range.lowerBound - end) bytes before \"\(entry.name)\" are no tensor's")
      }
      end = range.upperBound
    }
    guard end == dataCount else {
      throw .corrupt("\(dataCount - end) bytes behind the last tensor are no tensor's")
    }
  }
}
