import Files
import Glibc

/// Which data a training learns from: where it lies, and what is in it.
public struct DataIdentity: Sendable, Hashable, Codable {
  /// Where it lies, as it was given.
  public var path: String
  /// Examples that were found.
  public var count: Int
  /// A digest of the files' names, below the path, and sizes: 16 hexadecimal digits.
  public var fingerprint: String

  /// - Parameter names: of the examples; those that are files begin with the path.
  public init(path: String, names: [String]) {
    self.path = path
    count = names.count
    let prefix = path.hasSuffix("/") ? path : path + "/"
    // FNV-1a (Fowler, Noll, Vo).
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ bytes: some Sequence<UInt8>) {
      for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    for name in names {
      add((name.hasPrefix(prefix) ? name.dropFirst(prefix.count) : name[...]).utf8)
      var status = stat()
      if stat(cString(PathText.bytes(of: name)), &status) == 0 { add("\0\(status.st_size)\0".utf8) }
    }
    let digits = String(digest, radix: 16)
    fingerprint = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Whether both lie at the same place, however their paths are written.
  public func isSamePlace(as other: DataIdentity) -> Bool {
    func real(_ path: String) -> String? {
      guard let resolved = realpath(path, nil) else { return nil }
      defer { free(resolved) }
      return String(cString: resolved)
    }
    return path == other.path || real(path).map { $0 == real(other.path) } ?? false
  }
}
