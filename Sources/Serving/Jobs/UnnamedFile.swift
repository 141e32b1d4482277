import CLinux
import Glibc
import Synchronization

/// A file without a name, in the folder for temporary files: it is gone with the process, however that ends.
///
/// Unchecked: written by one thread, then read by any with `pread`, which keeps no place.
package final class UnnamedFile: @unchecked Sendable {
  private let descriptor: Int32
  private let room: FileRoom
  package private(set) var count = 0

  /// - Parameter room: what all such files may take.
  /// - Throws: 507 where there is no room for it.
  package init(in room: FileRoom) throws(Problem) {
    self.room = room
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let descriptor = open_unnamed_file(folder)
    guard descriptor >= 0 else { throw Self.noRoom }
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
    room.give(count)
  }

  fileprivate static let noRoom = Problem(507, "the server has no room to keep this for later")

  /// Appends bytes.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    try room.take(bytes.count)
    count += bytes.count
    var written = 0
    let start = count - bytes.count
    while written < bytes.count, let base = bytes.baseAddress {
      let some = pwrite(descriptor, base + written, bytes.count - written, start + written)
      guard some > 0 || errno == EINTR else { throw Self.noRoom }
      written += max(some, 0)
    }
  }

  /// Copies bytes from a place on; fewer at the end.
  package func read(at place: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
    max(0, pread(descriptor, target.baseAddress, target.count, place))
  }
}

/// What files without a name may take together.
package final class FileRoom: Sendable {
  private let used = Mutex(0)
  private let limit: Int

  package init(bytes: Int) { limit = bytes }

  /// - Throws: 507 where that is more than is left.
  func take(_ bytes: Int) throws(Problem) {
    let isTaken = used.withLock { used in
      guard used + bytes <= limit else { return false }
      used += bytes
      return true
    }
    if !isTaken { throw UnnamedFile.noRoom }
  }

  func give(_ bytes: Int) { used.withLock { $0 -= bytes } }
}
