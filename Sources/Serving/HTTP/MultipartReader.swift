/// The parts of a `multipart/form-data` body (RFC 7578), one after the other, as they come.
package final class MultipartReader {
  /// What a part's header says.
  package struct Part: Sendable {
    /// The field of the form.
    package let name: String
    /// What the file is called on the client's machine, without folders.
    package let fileName: String?
  }

  private let pull: (UnsafeMutableRawBufferPointer) throws -> Int
  /// `CRLF--boundary`.
  private let delimiter: [UInt8]
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false
  private var isInPart = false
  private var isDone = false

  private static let chunk = 64 << 10
  private static let largestHeader = 4 << 10

  /// - Parameters:
  ///   - contentType: the request's field, with the boundary.
  ///   - pull: fills some of a buffer, and says how much; 0 at the end.
  package init(
    contentType: String, pull: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws(Problem) {
    guard let boundary = Self.parameter("boundary", in: contentType),
      (1...70).contains(boundary.utf8.count)
    else { throw .badRequest("multipart/form-data needs its boundary") }
    delimiter = Array("\r\n--\(boundary)".utf8)
    self.pull = pull
    // The first delimiter may stand at the very beginning.
    buffer = [13, 10]
  }

  /// Passes over what is left of a part, and reads the next one's header; nil behind the last.
  package func next() throws -> Part? {
    if isDone { return nil }
    try skipToDelimiter()
    // Behind the delimiter stands `--` at the end, otherwise spaces and CRLF.
    let mark = try bytes(2)
    if mark == Array("--".utf8) {
      isDone = true
      try drain()
      return nil
    }
    guard mark == [13, 10] else { throw Self.malformed }
    var name: String?
    var fileName: String?
    var length = 0
    while true {
      let line = try self.line()
      if line.isEmpty { break }
      length += line.count
      guard length <= Self.largestHeader else { throw Self.malformed }
      let text = String(decoding: line, as: UTF8.self)
      guard text.lowercased().hasPrefix("content-disposition:") else { continue }
      name = Self.parameter("name", in: text)
      fileName = Self.parameter("filename", in: text)
    }
    guard let name else { throw Self.malformed }
    isInPart = true
    return Part(name: name, fileName: fileName.map(Self.baseName))
  }

  /// Takes the next bytes of the part; 0 at its end.
  package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard isInPart, target.count > 0 else { return 0 }
    while true {
      if let end = find(delimiter) {
        if end == position {
          isInPart = false
          return 0
        }
        return take(min(target.count, end - position), into: target)
      }
      // What might be the beginning of a delimiter stays.
      let safe = buffer.count - position - delimiter.count + 1
      if safe > 0 { return take(min(target.count, safe), into: target) }
      guard try fill() else { throw Self.malformed }
    }
  }

  // MARK: - Bytes

  private static let malformed = Problem(400, "the multipart body is malformed or cut off")

  private func fill() throws -> Bool {
    if isAtEnd { return false }
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    let count = try buffer.withUnsafeMutableBytes { bytes in
      try pull(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
    }
    buffer.removeLast(Self.chunk - count)
    if count == 0 { isAtEnd = true }
    return count > 0
  }

  private func take(_ count: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
    buffer.withUnsafeBytes { bytes in
      target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
    }
    position += count
    return count
  }

  /// Where a pattern begins in what is at hand.
  private func find(_ pattern: [UInt8]) -> Int? {
    guard buffer.count - position >= pattern.count else { return nil }
    return buffer.withUnsafeBufferPointer { bytes in
      let last = bytes.count - pattern.count
      var place = position
      while place <= last {
        if bytes[place] == pattern[0] {
          var length = 1
          while length < pattern.count, bytes[place + length] == pattern[length] { length += 1 }
          if length == pattern.count { return place }
        }
        place += 1
      }
      return nil
    }
  }

  private func skipToDelimiter() throws {
    while true {
      if let place = find(delimiter) {
        position = place + delimiter.count
        isInPart = false
        return
      }
      position = max(position, buffer.count - delimiter.count + 1)
      guard try fill() else { throw Self.malformed }
    }
  }

  private func bytes(_ count: Int) throws -> [UInt8] {
    while buffer.count - position < count {
      guard try fill() else { throw Self.malformed }
    }
    defer { position += count }
    return Array(buffer[position..<position + count])
  }

  private func line() throws -> [UInt8] {
    while true {
      if let end = find([13, 10]) {
        defer { position = end + 2 }
        return Array(buffer[position..<end])
      }
      guard buffer.count - position <= Self.largestHeader, try fill() else { throw Self.malformed }
    }
  }

  private func drain() throws {
    position = buffer.count
    while try fill() { position = buffer.count }
  }

  // MARK: - Header fields

  /// A parameter such as `; name="value"`.
  private static func parameter(_ name: String, in field: String) -> String? {
    var rest = field[...]
    while let semicolon = rest.firstIndex(of: ";") {
      rest = rest[rest.index(after: semicolon)...]
      guard let equals = rest.firstIndex(of: "=") else { return nil }
      let key = rest[..<equals].trimmingSpaces.lowercased()
      var value = rest[rest.index(after: equals)...]
      if value.first == "\"" {
        value = value.dropFirst()
        guard let end = value.firstIndex(of: "\"") else { return nil }
        if key == name { return String(value[..<end]) }
        rest = value[value.index(after: end)...]
      } else if key == name {
        return value.prefix { $0 != ";" }.trimmingSpaces
      }
    }
    return nil
  }

  private static func baseName(_ path: String) -> String {
    path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
  }
}
