import Files
import Glibc

/// A file's path: the bytes that the system knows it by, whatever their encoding.
///
/// On its way through the argument parser, which takes strings, it is a ``PathText``.
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
  init(argument: String) { bytes = PathText.bytes(of: argument) }

  /// A C string as an argument for the parser; nothing of it is lost.
  static func argument(_ cString: UnsafePointer<CChar>) -> String {
    PathText.text(
      of: UnsafeBufferPointer(start: cString, count: strlen(cString))
        .map { UInt8(bitPattern: $0) })
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
  var description: String { printable(PathText.text(of: bytes)) }
}

/// Orders paths by their bytes, as `LC_ALL=C ls` does.
extension FilePath: Comparable {
  static func < (left: FilePath, right: FilePath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
