import Glibc

/// A file's path: the bytes that the system knows it by, whatever their encoding.
///
/// Linux allows every byte but `/` and NUL in a name, and Swift's strings hold only valid Unicode.
/// So that every file can be named, a path keeps its bytes, and on its way through the argument
/// parser (which takes strings) a byte that is not valid UTF-8 stands as one private-use character.
struct FilePath: Hashable, Sendable {
  let bytes: [UInt8]

  init(bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// A relative path of these components.
  init(components: some Sequence<[UInt8]>) {
    bytes = Array(components.joined(separator: [Self.slash]))
  }

  /// The path that an argument, made by ``argument(_:)``, stands for.
  init(argument: String) {
    bytes = argument.unicodeScalars.flatMap { scalar -> [UInt8] in
      Self.escapes.contains(scalar.value)
        ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(UTF8.encode(scalar) ?? .init())
    }
  }

  /// A C string as an argument for the parser; nothing of it is lost.
  static func argument(_ cString: UnsafePointer<CChar>) -> String {
    let bytes = Array(UnsafeBufferPointer(start: cString, count: strlen(cString)))
      .map { UInt8(bitPattern: $0) }
    if let plain = String(validating: bytes, as: UTF8.self),
      !plain.unicodeScalars.contains(where: { escapes.contains($0.value) })
    {
      return plain
    }
    var result = String.UnicodeScalarView()
    for piece in scalars(of: bytes) {
      switch piece {
      case .valid(let scalar) where !escapes.contains(scalar.value): result.append(scalar)
      case .valid(let scalar):
        result.append(contentsOf: (UTF8.encode(scalar) ?? .init()).map(escape))
      case .invalid(let byte): result.append(escape(byte))
      }
    }
    return String(result)
  }

  /// Whether an argument, made by ``argument(_:)``, holds bytes that are not UTF-8.
  static func isEscaped(_ argument: String) -> Bool {
    argument.unicodeScalars.contains { escapes.contains($0.value) }
  }

  var isStandardStream: Bool { bytes == [UInt8(ascii: "-")] }
  var isAbsolute: Bool { bytes.first == Self.slash }
  var endsInSlash: Bool { bytes.last == Self.slash }

  /// The names between the slashes.
  var components: [[UInt8]] { bytes.split(separator: Self.slash).map(Array.init) }

  /// The part behind the last slash.
  var name: [UInt8] { components.last ?? [] }

  /// The path without its last component; `.` where there is none.
  var parent: FilePath {
    var end = bytes.endIndex
    while end > 0, bytes[end - 1] == Self.slash { end -= 1 }
    while end > 0, bytes[end - 1] != Self.slash { end -= 1 }
    while end > 1, bytes[end - 1] == Self.slash { end -= 1 }
    return FilePath(bytes: end == 0 ? [UInt8(ascii: ".")] : Array(bytes[..<end]))
  }

  /// This path and a name (or relative path) below it.
  func appending(_ name: some Sequence<UInt8>) -> FilePath {
    let separator = bytes.isEmpty || endsInSlash ? [] : [Self.slash]
    return FilePath(bytes: bytes + separator + Array(name))
  }

  /// The file's name beside this one.
  func replacingName(with name: some Sequence<UInt8>) -> FilePath {
    guard let slash = bytes.lastIndex(of: Self.slash) else { return FilePath(bytes: name) }
    return FilePath(bytes: bytes[...slash] + Array(name))
  }

  /// Calls `body` with the path as the system takes it.
  func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (bytes + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { characters in
        // A buffer of at least one byte has a base address.
        characters.baseAddress.map(body) ?? body("")
      }
    }
  }

  private static let slash = UInt8(ascii: "/")

  /// U+10FE80…U+10FEFF stand for the bytes 0x80…0xFF that are not part of valid UTF-8.
  private static let escapes: ClosedRange<UInt32> = 0x10FE80...0x10FEFF

  private static func escape(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(escapes.lowerBound - 0x80 + UInt32(byte)) ?? "\u{FFFD}"
  }

  private enum Piece {
    case valid(Unicode.Scalar)
    case invalid(UInt8)
  }

  private static func scalars(of bytes: [UInt8]) -> [Piece] {
    var pieces: [Piece] = []
    var index = 0
    while index < bytes.count {
      let longest = min(4, bytes.count - index)
      let scalar = (1...longest).lazy.compactMap { length in
        String(validating: bytes[index..<(index + length)], as: UTF8.self)?.unicodeScalars.first
      }.first
      if let scalar {
        pieces.append(.valid(scalar))
        index += UTF8.width(scalar)
      } else {
        pieces.append(.invalid(bytes[index]))
        index += 1
      }
    }
    return pieces
  }
}

extension FilePath: CustomStringConvertible {
  /// The path for programs, to the letter; only where it is not UTF-8, which JSON and CSV are, the
  /// ``description``.
  var exactText: String { String(validating: bytes, as: UTF8.self) ?? description }

  /// The path as a word that a shell takes for no more than a name, for commands that are suggested.
  var shellText: String {
    let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:+@%"
    let text = description
    if !text.isEmpty, text.allSatisfy(plain.contains) { return text }
    return "'" + text.replacing("'", with: #"'\''"#) + "'"
  }

  /// The path on one line, for people: control characters and invalid bytes as `\x1B`.
  var description: String {
    var result = ""
    for piece in Self.scalars(of: bytes) {
      switch piece {
      case .valid(let scalar) where scalar.properties.generalCategory != .control:
        result.unicodeScalars.append(scalar)
      case .valid(let scalar):
        for byte in UTF8.encode(scalar) ?? .init() { result += Self.hexadecimal(byte) }
      case .invalid(let byte): result += Self.hexadecimal(byte)
      }
    }
    return result
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
}

extension UTF8 {
  fileprivate static func width(_ scalar: Unicode.Scalar) -> Int { encode(scalar)?.count ?? 1 }
}

/// Orders paths by their bytes, as `LC_ALL=C ls` does.
extension FilePath: Comparable {
  static func < (left: FilePath, right: FilePath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
