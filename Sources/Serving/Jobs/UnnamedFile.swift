import CLinux
import Glibc

/// A file without a name, in the folder for temporary files: it is gone with the process, however that ends.
///
/// Unchecked: written by one thread, then read by any with `pread`, which keeps no place.
final class UnnamedFile: @unchecked Sendable {
  private let descriptor: Int32
  private(set) var count = 0

  /// - Throws: 507 where there is no room for it.
  init() throws(Problem) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let descriptor = open_unnamed_file(folder)
    guard descriptor >= 0 else { throw Self.noRoom }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  private static let noRoom = Problem(507, "the server has no room to keep this for later")

  /// Appends bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    var written = 0
    while written < bytes.count, let start = bytes.baseAddress {
      let some = pwrite(descriptor, start + written, bytes.count - written, count + written)
      guard some > 0 || errno == EINTR else { throw Self.noRoom }
      written += max(some, 0)
    }
    count += bytes.count
  }

  /// Copies bytes from a place on; fewer at the end.
  func read(at place: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
    max(0, pread(descriptor, target.baseAddress, target.count, place))
  }
}
