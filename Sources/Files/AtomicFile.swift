import Glibc

/// A file that appears under its name only when it is complete: what is written goes to a temporary file
/// in the same folder, which ``commit()`` renames. Without a commit (an error, a crash, Ctrl-C) the
/// folder is as it was before.
///
/// Where the file system can, the temporary file has no name at all until then. A file that is replaced
/// keeps its permissions; a symbolic link stays and what it points to is replaced. Devices and pipes are
/// written to as they are.
public final class AtomicFile: ByteSink {
  /// A C string: names need not be UTF-8.
  private let target: [CChar]
  private var descriptor: Int32
  private enum Kind {
    /// A file without a name.
    case nameless
    /// A file beside the target.
    case named(TemporaryFile)
    /// The target itself, a device or a pipe.
    case direct
  }
  private let kind: Kind
  private var isCommitted = false

  /// Begins a file that is to replace, or become, the one at `path`.
  public convenience init(path: String) throws(FileError) {
    try self.init(pathBytes: PathText.bytes(of: path))
  }

  /// The same for a path of any bytes.
  ///
  /// - Parameter nameless: whether to try a file without a name, which gets one through /proc.
  package init(
    pathBytes: [UInt8], nameless: Bool = access("/proc/self/fd", X_OK) == 0
  ) throws(FileError) {
    target = Self.resolvingLinks(cString(pathBytes))
    var status = stat()
    let exists = stat(target, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw .system("cannot write", errno: EISDIR) }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      kind = .direct
      descriptor = Glibc.open(target, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .system("cannot write", errno: errno) }
      return
    }
    if exists, access(target, W_OK) != 0 { throw .system("cannot replace", errno: errno) }
    descriptor =
      nameless
      ? Glibc.open(Self.folder(of: target), Self.openNameless | O_WRONLY | O_CLOEXEC, 0o666) : -1
    if descriptor >= 0 {
      kind = .nameless
    } else {
      let file = try TemporaryFile(beside: target)
      descriptor = file.descriptor
      kind = .named(file)
    }
    if exists {
      // Who may not give the file away keeps it as their own.
      _ = fchown(descriptor, status.st_uid, status.st_gid)
      _ = fchmod(descriptor, status.st_mode & 0o7777)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if case .named(let file) = kind, !isCommitted { file.remove() }
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try writeAll(bytes, to: descriptor)
  }

  /// Puts the complete file in its place.
  public func commit() throws(FileError) {
    switch kind {
    case .direct:
      try closeFile()
    case .named(let file):
      try closeFile()
      guard rename(file.path, target) == 0 else {
        throw .system("cannot replace", errno: errno)
      }
      file.forget()
    case .nameless:
      try giveName()
      try closeFile()
    }
    isCommitted = true
  }

  /// Links the nameless file to the target's name; where that is taken, to another name first, which is
  /// then renamed, since a link cannot replace a file.
  private func giveName() throws(FileError) {
    let source = "/proc/self/fd/\(descriptor)"
    if linkat(AT_FDCWD, source, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 { return }
    guard errno == EEXIST else { throw .system("cannot write", errno: errno) }
    while true {
      let name = TemporaryFile.name(beside: target)
      let isDone = try TemporaryFile.removingOnSignal(name) { () throws(FileError) in
        guard linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
          guard errno == EEXIST else { throw .system("cannot write", errno: errno) }
          return false
        }
        guard rename(name, target) == 0 else {
          let reason = errno
          unlink(name)
          throw .system("cannot replace", errno: reason)
        }
        return true
      }
      if isDone { return }
    }
  }

  /// Some file systems report a full disk only here.
  private func closeFile() throws(FileError) {
    let result = close(descriptor)
    descriptor = -1
    if result != 0, errno != EINTR { throw .system("cannot write", errno: errno) }
  }

  /// `O_TMPFILE`, a macro that Swift does not see: __O_TMPFILE | O_DIRECTORY.
  private static let openNameless: Int32 = 0o20000000 | O_DIRECTORY

  private static func resolvingLinks(_ path: [CChar]) -> [CChar] {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
      let resolved = realpath(path, nil)
    else { return path }
    defer { free(resolved) }
    return Array(UnsafeBufferPointer(start: resolved, count: strlen(resolved) + 1))
  }

  /// The folder of a file, both as C strings.
  static func folder(of path: [CChar]) -> [CChar] {
    let slash = CChar(UInt8(ascii: "/"))
    guard let last = path.lastIndex(of: slash) else { return [CChar(UInt8(ascii: ".")), 0] }
    return (last == 0 ? [slash] : Array(path[..<last])) + [0]
  }
}
