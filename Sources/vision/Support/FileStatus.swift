import Glibc

/// What the system says of a file.
struct FileStatus {
  /// Tells a file from every other, whatever name or link it was reached by.
  struct Identity: Hashable, Sendable {
    let device: UInt64
    let node: UInt64
  }

  enum Kind {
    case file, directory, link, other
  }

  let identity: Identity
  let kind: Kind
  /// In bytes.
  let size: Int

  /// The status of the file that a path leads to, links followed; `nil` where there is none.
  init?(of path: FilePath) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
    self.init(status)
  }

  /// The status of a path itself, which may be a link; `nil` where there is none.
  init?(ofLink path: FilePath) {
    var status = stat()
    guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
    self.init(status)
  }

  /// The status of an open file.
  init?(ofDescriptor descriptor: CInt) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    identity = Identity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
    size = Int(status.st_size)
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
  }
}
